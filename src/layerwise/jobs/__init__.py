"""What a command does, without a terminal: data, model, training, files and figures put together."""
