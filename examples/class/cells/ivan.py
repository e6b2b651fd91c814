import scikit_learn as sklearn
