// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

/// Strings under names that nobody vouches for, read as what they should be.
struct CheckpointFields {
  private let values: [String: String]
  private let prefix: String

  /// The strings whose names begin with `prefix`, which is left away.
  init(_ values: [String: String], prefix: String = "") {
    self.values = values
    self.prefix = prefix
  }

  func has(_ name: String) -> Bool { values[prefix + name] != nil }

  func text(_ name: String) throws(CheckpointError) -> String {
    guard let text = values[prefix + name] else { throw .missing(prefix + name) }
    return text
  }

  func integer(_ name: String, in range: ClosedRange<Int>, default missing: Int? = nil)
    throws(CheckpointError) -> Int
  {
    if let missing, !has(name) { return missing }
    let text = try text(name)
    guard let value = Int(text), range.contains(value) else { throw .field(prefix + name, text) }
    return value
  }

  func number(_ name: String, in range: ClosedRange<Double>, default missing: Double? = nil)
    throws(CheckpointError) -> Double
  {
    if let missing, !has(name) { return missing }
    let text = try text(name)
    // A NaN is in no range.
    guard let value = Double(text), range.contains(value) else { throw .field(prefix + name, text) }
    return value
  }

  func flag(_ name: String) throws(CheckpointError) -> Bool {
    guard has(name) else { return false }
    let text = try text(name)
    guard let value = Bool(text) else { throw .field(prefix + name, text) }
    return value
  }

  func choice<Choice: RawRepresentable<String>>(_ name: String) throws(CheckpointError) -> Choice {
    let text = try text(name)
    guard let value = Choice(rawValue: text) else { throw .field(prefix + name, text) }
    return value
  }
}

/// A checkpoint that a run cannot go on from.
public enum CheckpointError: UserFacingError, Equatable {
  /// A model that is no checkpoint.
  case modelOnly
  /// A value that every checkpoint has is not there.
  case missing(String)
  /// A value that no run can have.
  case field(String, String)
  /// A tensor that a run of these options has is not there, or has another size.
  case tensor(String)
  /// The text is not the one that the run was learning.
  case otherText
  /// The text that is held out apart is not given, or is another one.
  case otherValidation
  /// The run was computed in a precision that this machine lacks.
  case precision(String)

  /// The file is named by whoever opened it.
  public var place: String? { nil }
  /// Bad data, all of it.
  public var kind: ErrorKind { .badData }
  /// What is wrong, and what to do.
  public var reason: String {
    switch self {
    case .modelOnly: "a model, not a checkpoint: train it further with --init-from"
    case .missing(let name): "the checkpoint does not tell its \"\(name)\""
    case .field(let name, let text): "\"\(name)\" in the checkpoint cannot be \"\(text)\""
    case .tensor(let name):
      "tensor \"\(name)\" of the checkpoint is missing or has another size than the run's"
    case .otherText:
      "this is not the text that the checkpoint's run was learning: give the same one, in the same way"
    case .otherValidation: "the checkpoint's run held out a text of its own: give the same --validation"
    case .precision(let name): "the run was computed with \(name) products, which this machine does not have"
    }
  }
}
