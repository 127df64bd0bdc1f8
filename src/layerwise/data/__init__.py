"""Reading examples: data sets known by name, files of your own, their split, preprocessing and batches."""

from layerwise.data.augmentation import AUGMENTATIONS, Augmentation, RandomCrop, RandomFlip, RandomShift
from layerwise.data.batch import Batches, in_order
from layerwise.data.column import Column, Table
from layerwise.data.dataset import Dataset
from layerwise.data.delimited import read_table
from layerwise.data.idx import read_idx
from layerwise.data.image_folder import load_folder
from layerwise.data.npz import read_npz
from layerwise.data.pca import PCA
from layerwise.data.preprocessing import Preprocessing
from layerwise.data.rows import Examples, Rows
from layerwise.data.split import split_last, split_random, split_stratified
from layerwise.data.table import DATASETS, load, load_cifar10, load_digits, load_fashion_mnist, load_file, load_mnist, load_svhn
from layerwise.data.transform import BiasColumn, Center, Flatten, Scale, Standardize, StandardizeChannels, Transform
from layerwise.data.transform_table import TRANSFORMS, transform_from

__all__ = [
    "AUGMENTATIONS",
    "Augmentation",
    "Batches",
    "BiasColumn",
    "Center",
    "Column",
    "DATASETS",
    "Dataset",
    "Examples",
    "Flatten",
    "PCA",
    "Preprocessing",
    "RandomCrop",
    "RandomFlip",
    "RandomShift",
    "Rows",
    "Scale",
    "Standardize",
    "StandardizeChannels",
    "TRANSFORMS",
    "Table",
    "Transform",
    "in_order",
    "load",
    "load_cifar10",
    "load_digits",
    "load_fashion_mnist",
    "load_file",
    "load_folder",
    "load_mnist",
    "load_svhn",
    "read_idx",
    "read_npz",
    "read_table",
    "split_last",
    "split_random",
    "split_stratified",
    "transform_from",
]
