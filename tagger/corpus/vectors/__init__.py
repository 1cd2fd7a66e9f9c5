"""Word vectors in files of others: word2vec's text and binary, GloVe's text, fastText's `.vec`."""
