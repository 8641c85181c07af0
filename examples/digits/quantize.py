"""How a file that zkonnx can prove is made: a float model, a few typical inputs, ONNX Runtime's static quantizer.

    pip install onnx onnxruntime numpy
    python quantize.py float.onnx inputs.npz quantized.onnx

Static (scales are constants of the file) is what can be proven; quantize_dynamic computes scales from the data and cannot.
digits.onnx beside this file was made from float.onnx by the same quantizer; calibrated on other images, its scales differ a little.
"""
import os
import sys
import tempfile

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Images(CalibrationDataReader):
    """Hands one inference at a time to the calibrator, arrays by input name."""

    def __init__(self, path):
        arrays = np.load(path)
        self.rows = iter([{name: arrays[name][i : i + 1] for name in arrays} for i in range(len(arrays[arrays.files[0]]))])

    def get_next(self):
        return next(self.rows, None)


if __name__ == "__main__":
    source, calibration, target = sys.argv[1:]
    prepared = os.path.join(tempfile.mkdtemp(), "prepared.onnx")
    quant_pre_process(source, prepared)  # shape inference, BatchNorm folded into Conv
    quantize_static(
        prepared,
        target,
        Images(calibration),
        quant_format=QuantFormat.QDQ,  # QOperator works as well
        activation_type=QuantType.QInt8,  # or QUInt8
        weight_type=QuantType.QInt8,
        per_channel=False,  # True: a scale per output channel, more exact, same cost to prove
    )
