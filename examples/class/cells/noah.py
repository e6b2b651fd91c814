from autograder.solution import conv_forward
