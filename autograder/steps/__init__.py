"""Steps of nbgrader's pipeline that are ours, one a file; `autograder.nbgrader_setup` puts them in their places."""
