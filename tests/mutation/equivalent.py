"""The mutants that no case can reject, because they are right: by exercise, the reason and the changed lines."""

_ONLY_WRITE = "Every entry is written exactly once, so what the array starts with is never seen."
_ONLY_WRITE_ADDED = "Every entry is written exactly once, into zeros: adding is the same."
_LENGTH_ONE = "The axis has length 1, so taking its one entry, or turning it around, changes nothing."
_LAST_AXIS = "An index less on the last axis takes all of it, as `:` does."
_SQUARE = "Filters are square: W.shape[0] and W.shape[1] are the same."
_WHOLE_SUM = "db sums over all images, rows and columns, and index -1 is the last: the same terms in another order."
_NO_WORD_BETWEEN = 'The modes are "max" and "average", and "average" comes before "max" in the alphabet.'

EQUIVALENT: dict[str, dict[str, tuple[str, ...]]] = {
    "zero_pad": {
        _LAST_AXIS: ("X_pad[:, pad:pad + n_H, pad:pad + n_W] = X",),
        _ONLY_WRITE_ADDED: ("X_pad[:, pad:pad + n_H, pad:pad + n_W, :] += X",),
    },
    "conv_single_step": {
        "A NumPy number is as good as a Python one.": ("return np.sum(products) + b.item()",),
        "An array of one number is accepted where a number is wanted: honest work gets its marks.": (
            "return float(np.sum(products)) + b",
        ),
    },
    "conv_forward": {
        _SQUARE: ("_, f, _, n_C = W.shape",),
        _ONLY_WRITE: ("Z = np.ones((m, n_H, n_W, n_C))",),
        _ONLY_WRITE_ADDED: ("Z[i, h, w, c] += conv_single_step(a_slice_prev, W[:, :, :, c], b[:, :, :, c])",),
        _LAST_AXIS: ("a_slice_prev = A_prev_pad[i, top:top + f, left:left + f]",),
        "A product is the same with its factors in the other order.": (
            "Z[i, h, w, c] = conv_single_step(W[:, :, :, c], a_slice_prev, b[:, :, :, c])",
        ),
        _LENGTH_ONE: (
            "Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[0, :, :, c])",
            "Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[::-1, :, :, c])",
            "Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, 0, :, c])",
            "Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, ::-1, :, c])",
            "Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, :, 0, c])",
            "Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, :, ::-1, c])",
        ),
    },
    "pool_forward": {
        _ONLY_WRITE: ("A = np.ones((m, n_H, n_W, n_C))",),
        _ONLY_WRITE_ADDED: ("A[i, h, w, c] += window.max() if mode == 'max' else window.mean()",),
        _NO_WORD_BETWEEN: ("A[i, h, w, c] = window.max() if mode >= 'max' else window.mean()",),
    },
    "conv_backward": {
        "A_prev has four axes, so the last is number 3.": ("n_H_prev, n_W_prev = A_prev.shape[1:-1]",),
        _SQUARE: ("stride, pad, f = (hparameters['stride'], hparameters['pad'], W.shape[1])",),
        _WHOLE_SUM: (
            "db[:, :, :, c] += dZ[i - 1, h, w, c]",
            "db[:, :, :, c] += dZ[i, h - 1, w, c]",
            "db[:, :, :, c] += dZ[i, h, w - 1, c]",
        ),
        _LENGTH_ONE: (
            "db[0, :, :, c] += dZ[i, h, w, c]",
            "db[::-1, :, :, c] += dZ[i, h, w, c]",
            "db[:, 0, :, c] += dZ[i, h, w, c]",
            "db[:, ::-1, :, c] += dZ[i, h, w, c]",
            "db[:, :, 0, c] += dZ[i, h, w, c]",
            "db[:, :, ::-1, c] += dZ[i, h, w, c]",
        ),
    },
    "to_torch": {
        _LAST_AXIS: ("return (images, filters, b[0, 0, 0])",),
        _LENGTH_ONE: (
            "return (images, filters, b[-1, 0, 0, :])",
            "return (images, filters, b[0, -1, 0, :])",
            "return (images, filters, b[0, 0, -1, :])",
        ),
    },
    "from_torch": {
        "PyTorch's filters come first, and there are as many as biases.": (
            "return (images, filters, np.reshape(b, (1, 1, 1, len(W))))",
        ),
    },
    "to_keras": {
        _LAST_AXIS: ("return (W, b[0, 0, 0])",),
        _LENGTH_ONE: (
            "return (W, b[-1, 0, 0, :])",
            "return (W, b[0, -1, 0, :])",
            "return (W, b[0, 0, -1, :])",
        ),
    },
    "same_padding": {
        "The larger of two numbers is the same in either order.": ("total = max(0, (outputs - 1) * stride + f - n)",),
        "A sum is the same in other brackets.": ("total = max((outputs - 1) * stride + (f - n), 0)",),
    },
    "line_detector": {
        "All tensors are made float64.": (
            "W = np.zeros((3, 3, 1, 1), dtype=int)",
            "arrays = to_torch(images, W, np.zeros((1, 1, 1, 1), dtype=int))",
        ),
        "A column of ones is the same upside down.": ("W[::-1, 1] = 1",),
        _ONLY_WRITE_ADDED: ("W[:, 1] += 1",),
        "A right to_torch makes a row of a bias of any shape.": ("arrays = to_torch(images, W, np.zeros((1, 1, 1)))",),
    },
    "conv_forward_fast": {
        _SQUARE: ("_, f, n_C_prev, n_C = W.shape",),
        "A product is the same with its factors gathered in another way.": (
            "rows = windows.reshape(m * (n_H * n_W), f * f * n_C_prev)",
            "rows = windows.reshape(m * n_H * n_W, f * (f * n_C_prev))",
            "columns = W.reshape(f * (f * n_C_prev), n_C)",
        ),
    },
    "relu": {"The larger of two numbers is the same in either order.": ("A = np.maximum(0, Z)",)},
    "relu_backward": {"At 0 itself either convention is accepted.": ("passes = cache >= 0",)},
    "create_mask_from_window": {"Nothing is larger than the maximum.": ("return x >= np.max(x)",)},
    "pool_backward": {_NO_WORD_BETWEEN: ("if mode >= 'max':",)},
    "layer_table": {
        'The paddings are "same" and "valid", and nothing comes before "same".': (
            "f = 1 if layer['padding'] <= 'same' else layer['f']",
        ),
        "A product is the same with other brackets.": ("shape = (shape[0] * (shape[1] * shape[2]),)",),
        "A vector has one axis: its first is its last.": ("parameters = (shape[-1] + layer['bias']) * layer['units']",),
    },
}


def equivalent(name: str) -> set[str]:
    """The ids of the mutants of the exercise ``name`` that are right."""
    return {line for lines in EQUIVALENT.get(name, {}).values() for line in lines}
