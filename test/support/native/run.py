"""Runs every k.onnx of a folder with native ONNX Runtime on the float32 tensors that inputs.json lists; writes its one output as k.out.f32."""

import json
import platform
import sys

import numpy as np
import onnxruntime as ort

folder = sys.argv[1]
options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
with open(f"{folder}/inputs.json") as file:
    models = json.load(file)
for k, inputs in enumerate(models):
    session = ort.InferenceSession(f"{folder}/{k}.onnx", options, providers=["CPUExecutionProvider"])
    feeds = {i["name"]: np.fromfile(f"{folder}/{k}.{i['name']}.f32", dtype=np.float32).reshape(i["dims"]) for i in inputs}
    session.run(None, feeds)[0].astype(np.float32).tofile(f"{folder}/{k}.out.f32")
print(f"ONNX Runtime {ort.__version__}, {platform.machine()}")
