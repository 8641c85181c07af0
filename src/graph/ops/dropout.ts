/** Dropout does nothing when a model is used; its training_mode input must be absent or false. */
import { dimsOf, hasInput, newestOpset, type Op } from '../call.ts';
import { reshapeView } from '../constants.ts';
import { reshapeMovement } from '../movement.ts';
import { constantTensor } from '../quantization.ts';
import { refuse } from '../report.ts';

export const dropout: Op = {
  op: 'Dropout',
  domain: '',
  opsets: [7, newestOpset],
  attributes: ['ratio', 'seed'],
  inputs: [1, 3],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    if (hasInput(call, 2) && constantTensor(call, 2, 'training_mode').data[0] !== 0) {
      refuse('it is in training mode', 'export the model for inference (model.eval() in PyTorch)');
    }
    return reshapeMovement(call, dims, reshapeView);
  },
};
