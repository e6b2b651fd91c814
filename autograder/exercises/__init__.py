"""Every graded function of the course, in the order of the lessons: one file each, all there is about grading it."""

from autograder.exercise import Exercise
from autograder.exercises import (
    autograd_gradients,
    break_conv_backward,
    break_conv_forward,
    break_pool_backward,
    break_pool_forward,
    conv_backward,
    conv_forward,
    conv_forward_fast,
    conv_output_size,
    conv_single_step,
    create_mask_from_window,
    distribute_value,
    from_keras,
    from_torch,
    layer_table,
    line_detector,
    network_backward,
    network_forward,
    pool_backward,
    pool_forward,
    pool_output_size,
    read_network,
    relu,
    relu_backward,
    same_padding,
    to_keras,
    to_torch,
    zero_pad,
)

#: By name, in the order in which students meet them.
EXERCISES: dict[str, Exercise] = {
    module.EXERCISE.name: module.EXERCISE
    for module in (
        zero_pad,
        conv_single_step,
        conv_output_size,
        conv_forward,
        pool_output_size,
        pool_forward,
        break_conv_forward,
        conv_backward,
        break_pool_forward,
        create_mask_from_window,
        distribute_value,
        pool_backward,
        break_conv_backward,
        layer_table,
        read_network,
        break_pool_backward,
        to_torch,
        from_torch,
        to_keras,
        from_keras,
        same_padding,
        line_detector,
        autograd_gradients,
        conv_forward_fast,
        relu,
        relu_backward,
        network_forward,
        network_backward,
    )
}

#: Those whose functions later lessons use; the others break them, or ask about them.
LAYERS = {name: exercise for name, exercise in EXERCISES.items() if exercise.is_layer}


def of_lesson(lesson: str) -> list[Exercise]:
    """The exercises of ``lesson`` ("03-conv-forward"), in order."""
    return [exercise for exercise in EXERCISES.values() if exercise.lesson == lesson]


def layers_before(lesson: str) -> list[Exercise]:
    """The exercises of all lessons before ``lesson`` whose functions later lessons use, in order."""
    return [exercise for exercise in LAYERS.values() if exercise.lesson < lesson]
