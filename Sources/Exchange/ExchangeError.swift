// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport
import ModelFile

/// A file of another program that cannot be taken in, or a model that cannot be written as one.
public struct ExchangeError: UserFacingError, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Problem: Error, Equatable, Sendable {
    /// A zip archive as a whole.
    case archive(ZipProblem)
    /// A file in a zip archive.
    case member(String, ZipProblem)
    /// An array in NumPy's format.
    case array(String, NPYProblem)
    /// Another number of arrays than any stack of LSTM layers has.
    case arrayCount(Int)
    /// An array of another number of dimensions than there should be in its place.
    case rank(String, found: [Int], expected: String)
    /// An array that does not fit the others.
    case shape(String, found: [Int], expected: [Int])
    /// A value that is NaN or infinite.
    case notFinite(String)
    /// Sizes that no network has.
    case configuration(ConfigurationError)
    /// A safetensors file that breaks the rules of that format.
    case safetensors(String)
    /// A PyTorch file that holds code.
    case pickle
    /// A tensor whose elements are no floats.
    case elementType(String, String)
    /// A tensor that the network needs is not there.
    case missingTensor(String)
    /// A tensor that no stack of LSTM layers has.
    case excessTensor(String)
    /// One thing under two names.
    case duplicateTensor(String)
    /// Malformed JSON in `model.json`.
    case syntax(JSONError)
    /// Something that `model.json` does not say.
    case missing(String)
    /// A model that is no stack of layers.
    case modelClass(String)
    /// A layer that this network does not have, or one that computes something else.
    case layer(String, LayerProblem)
    /// A weight in TensorFlow.js's manifest.
    case weight(String, WeightProblem)
    /// A file of weights.
    case shard(String, ShardProblem)
    /// The characters among the file's metadata.
    case metadata(String)
    /// A file beyond what its format can hold.
    case tooLarge(limit: String)
  }

  /// The file as people know it; nil for a model that is not in a file yet.
  public let source: String?
  /// What is wrong.
  public let problem: Problem

  /// A problem with a file.
  public init(_ problem: Problem, source: String?) {
    self.problem = problem
    self.source = source
  }

  /// The file's name.
  public var place: String? { source }
  /// Files are data.
  public var kind: ErrorKind { .badData }
  /// What is wrong and what to do about it.
  public var description: String { reason }

  /// What is wrong and what to do about it.
  public var reason: String {
    switch problem {
    case .archive(let problem): problem.reason
    case .member(let name, let problem): "\(name): \(problem.reason)"
    case .array(let name, let problem): "\(name): \(problem.reason)"
    case .arrayCount(let count):
      "\(count) array\(count == 1 ? "" : "s"): each LSTM layer has a kernel, a recurrent kernel and a bias, and the "
        + "dense layer a kernel and a bias"
    case .rank(let name, let found, let expected):
      "\(name): the shape is \(found) where \(expected) is expected"
    case .shape(let name, let found, let expected):
      "\(name): the shape is \(found) where \(expected) would fit the recurrent kernels and the last bias; the input "
        + "must be one-hot and as wide as the output"
    case .notFinite(let name): "\(name): a value is not a number or infinite"
    case .configuration(let error): error.reason
    case .safetensors(let reason): reason
    case .pickle:
      "a pickle, which can run code when it is opened: save it with safetensors.torch.save_file(model.state_dict(), …)"
    case .elementType(let name, let type): "\(name): its type is \(type); F64, F32, F16 and BF16 are read"
    case .missingTensor(let name): "tensor \"\(name)\" is missing"
    case .excessTensor(let name):
      "tensor \"\(name)\" is none of a stack of one-way LSTM layers under a linear one"
    case .duplicateTensor(let name): "tensor \"\(name)\" is there under two names"
    case .syntax(let error): "byte \(error.offset): \(error.reason)"
    case .missing(let what): "no \(what): not a model in TensorFlow.js's layers format"
    case .modelClass(let name):
      "a \(name) model: Sequential ones are read, stacks of LSTM layers under a dense one"
    case .layer(let name, let problem): "layer \"\(name)\": \(problem.reason)"
    case .weight(let name, let problem): "weight \"\(name)\": \(problem.reason)"
    case .shard(let name, let problem): "\(name): \(problem.reason)"
    case .metadata(let reason): "metadata: \(reason)"
    case .tooLarge(let limit): "the model is too large for this format, which ends at \(limit)"
    }
  }
}
