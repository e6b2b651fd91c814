"""The questions of lesson 07 about a network, with the numbers that people really give, and where they come from.

The network: an image of 64×48 pixels and three colours; a convolution, 32 filters of 7×7, without padding; max pooling,
3×3 at stride 3; a convolution, 64 filters of 5×5, "same" at stride 2; average pooling, 3×3 at stride 2; flatten; dense
layers of 40 and of 10 units.
"""

from __future__ import annotations

from autograder.exercise import Asked
from autograder.questions import questions

EXERCISE = questions(
    "read_network",
    "07-read-a-network",
    (
        Asked(
            "channels",
            "How many feature maps come out of layer 1?",
            32,
            "What does one filter make of an image?",
            {
                96: "That is three maps for each filter, one for each colour. A filter is as deep as the image and "
                "sums over the colours: it makes one map.",
                3: "That is how many channels go in. The filters decide how many come out.",
                7: "That is how wide a filter is. Layer 1 is read as so many filters of that size.",
                58: "That is the height of what comes out. The number of filters is no size in pixels.",
            },
        ),
        Asked(
            "feature maps",
            "How many feature maps come out of layer 3?",
            64,
            "What does one filter make of all the maps that it is given?",
            {
                2048: "That is every filter applied to every one of the 32 maps. A filter has a slice for each map and "
                "adds up what they give: it makes one map, not 32.",
                32: "That is how many maps go in. The filters of this layer decide how many come out.",
                96: "That adds what goes in to what comes out. The maps of layer 2 are used up in making new ones.",
            },
        ),
        Asked(
            "one filter",
            "How many weights has one filter of layer 3, without its bias?",
            800,
            "How high, wide and deep is it?",
            {
                25: "That is a flat filter, of shape (5, 5, 1). It is as deep as the volume that it looks at.",
                75: "That is a filter for colour images. How many channels has the volume that this layer is given?",
                160: "A filter of 5×5 has 25 weights for each channel.",
                801: "That counts the bias too; the question is without it.",
                1600: "That is as deep as what comes out of the layer. A filter is as deep as what goes in.",
                51200: "That is all filters of the layer together.",
            },
        ),
        Asked(
            "first weights",
            "How many weights are there in layer 1, without the biases?",
            4704,
            "Count one filter, as high, wide and deep as it is, and then the filters.",
            {
                1568: "Those are flat filters. The image has three colours, and so has each filter.",
                147: "That is one filter. There are more.",
                14112: "Those are three filters for each of the 32 maps. One filter of three slices makes one map.",
                4736: "That counts the biases too; the question is without them.",
            },
        ),
        Asked(
            "volume",
            "How many numbers are in the volume that layer 3 hands on?",
            4480,
            "Its shape has three numbers: multiply them.",
            {
                143360: "Those are 32 volumes, a block for each map that went in. One layer hands on one volume: its "
                "filters have summed over the maps.",
                2240: "Those are as many maps as went in. How many come out?",
                70: "That is one map.",
                17024: "That is without the stride. Same padding makes up for the filter, not for the stride.",
            },
        ),
        Asked(
            "relu",
            "On how many numbers does the ReLU after layer 1 act?",
            77952,
            "It acts on all numbers that layer 1 hands on, each by itself.",
            {
                7308: "That is a volume three deep, as if the colours were still there. After layer 1 its maps have "
                "taken their place.",
                9216: "That is the image. ReLU comes after the convolution.",
                2436: "That is one map. ReLU acts on all of them.",
                98304: "That is the size of the image for each map. Without padding the maps are smaller.",
            },
        ),
        Asked(
            "copies",
            "One image is put in. How many volumes does layer 3 receive for it?",
            1,
            "What does a layer hand to the next: how many arrays, of what shape?",
            {
                32: "No copies of the image go through the network, one for each filter. The maps lie one behind the "
                "other in a volume.",
                64: "No copies of the volume are made for the filters. They all look at the same one.",
                3: "The colours do not travel apart from each other. Each filter of layer 1 has seen all three.",
                2048: "Neither filters nor maps make copies. What does a layer hand to the next?",
            },
        ),
        Asked(
            "flat",
            "How many numbers does layer 5 hand to layer 6?",
            768,
            "Flatten drops none: how many are in the volume that it is given?",
            {
                40: "That is how many units there are. They need not be as many as numbers come in: each unit is "
                "connected with each number.",
                64: "That is one number for each map. Flatten keeps them all.",
                12: "That is one map of the volume. Flatten takes all of them.",
                30720: "Those are the weights between the numbers and the 40 units.",
                960: "That is with a pooling layer that halves the height. Does it?",
            },
        ),
        Asked(
            "larger image",
            "The image is now 128×96. How many parameters has layer 3?",
            51264,
            "Count the numbers in its filters and its biases. Which of them has to do with the image?",
            {
                205056: "That is four times as many, for four times as many pixels. The same filters visit all of "
                "them: a larger image is more work and nothing more to learn.",
                102528: "That is twice as many. The same filters visit the whole image, however large: there is "
                "nothing more to learn.",
                51200: "Those are the weights. Each filter has a bias too.",
                1664: "Those are flat filters. They are as deep as the volume that they look at.",
            },
        ),
        Asked(
            "pool height",
            "How many rows has the volume that layer 2 hands on?",
            19,
            "In how many places does the window lie, from the top to the bottom of a map?",
            {
                3: "3×3 is the window, not the result. The result has an entry for each place of the window.",
                29: "That is half. Pooling halves the size for windows of 2×2 at stride 2 only.",
                20: "That counts a last window that sticks out of the map.",
                56: "That is with stride 1. What is the stride of this layer?",
                21: "The window does not begin with the image: layer 1 has made it smaller.",
            },
        ),
        Asked(
            "pool again",
            "How many rows has the volume that layer 4 hands on?",
            4,
            "In how many places does the window lie, from the top to the bottom of a map?",
            {
                5: "That is half. Pooling halves the size for windows of 2×2 at stride 2 only.",
                3: "That is either the window or windows side by side. At stride 2 windows of 3×3 overlap.",
                8: "That is with stride 1. What is the stride of this layer?",
            },
        ),
        Asked(
            "pooling sees",
            "From how many numbers is one output of layer 2 made?",
            9,
            "Its window lies on one map, or on all of them?",
            {
                288: "That mixes the maps. Pooling looks at one map at a time, and as many come out as go in.",
                3: "That is one side of the window.",
                27: "That mixes three channels. There are no colours any more, and pooling looks at one map at a time.",
                4: "That is a window of 2×2. Which one has this layer?",
            },
        ),
        Asked(
            "pooling saves",
            "By what factor has network E fewer parameters with max pooling 2×2 after each of its convolutions?",
            25785610 / 390410,
            "Put the three layers into a copy of its list and let your `layer_table` count both; divide the totals.",
            {
                64: "Three times half the height and half the width would leave one in 64. But 28 is halved to 14, "
                "7 and 3, and not all parameters are in the dense layers.",
                8: "Pooling halves the height and the width.",
                87.1: "That is how many fewer numbers the first dense layer receives. There are other layers.",
                4: "That is one pooling layer. There are three.",
                25395200: "That is how many fewer there are. By what is the one total to be divided to get the other?",
            },
            tolerance=0.5,
        ),
    ),
    visible_points=0.25,
    points=0.25,
    helpers=("layer_table",),
)
