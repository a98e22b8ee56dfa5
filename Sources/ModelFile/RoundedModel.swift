// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM

extension Model {
  /// The model as it is once its file has been written with `StoredType.bfloat16` and read again.
  ///
  /// What a checkpoint holds beside the network is left behind: nobody goes on training with rounded values. The losses
  /// in the training record are those of the model before.
  ///
  /// - Throws: `ModelFileError` when a value is so large that rounding would make it infinite.
  public func roundedToBFloat16() throws(ModelFileError) -> Model {
    let rounded = parameters.copy()
    for tensor in rounded.layout.tensors {
      let values = rounded[tensor]
      for index in values.indices {
        values[index] = Float(bitPattern: UInt32(StoredBFloat.rounded(values[index])) << 16)
      }
      guard areFinite(UnsafeBufferPointer(values)) else {
        throw ModelFileError(.tooLargeToRound(tensor.name), source: nil)
      }
    }
    return Model(charset: charset, parameters: rounded, isOfRecords: isOfRecords, training: training)
  }
}
