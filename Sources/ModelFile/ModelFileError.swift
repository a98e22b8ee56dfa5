// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport

/// A model file that cannot be used as it is, or a model that cannot be saved.
public struct ModelFileError: UserFacingError, Equatable, CustomStringConvertible {
  /// What is wrong.
  public enum Problem: Error, Equatable, Sendable {
    /// Too few bytes for the length of a header.
    case tooShort(byteCount: Int)
    /// The first eight bytes ask for a header of so many bytes.
    case headerLength(UInt64, limit: Int)
    /// No `{` where the header should begin.
    case noHeader
    /// The file ends too early; `of` is the size that its header asks for, nil if the end is inside the header.
    case cutShort(at: Int, of: Int?)
    /// There are bytes behind the last tensor's, at this offset.
    case excess(after: Int)
    /// Malformed JSON in the header or in what one of its strings holds.
    case syntax(JSONError, in: String)
    /// A tensor's line in the header is wrong.
    case entry(String, SafetensorsEntry.Problem)
    /// A safetensors file that chartools did not write.
    case notChartools
    /// Another version of the format.
    case version(String)
    /// A string under `__metadata__` that every model has is not there.
    case missingMetadata(String)
    /// A string under `__metadata__` that is longer than any model needs.
    case longMetadata(String, limit: Int)
    /// The digest is no digest.
    case malformedDigest
    /// The digest is another file's.
    case digest
    /// A unit that is none of `TextUnit`.
    case unit(String)
    /// A word under `records` that is not the one there is.
    case records(String)
    /// A model of records whose characters have no newline.
    case recordsWithoutNewline
    /// A wrong character in the list of them, counted from 0.
    case charset(CharsetProblem, id: Int)
    /// Sizes that no network has.
    case configuration(ConfigurationError)
    /// A tensor of the network is not there.
    case missingTensor(String)
    /// A tensor that this network does not have.
    case excessTensor(String)
    /// A tensor that is not as large as the network.
    case shape(String, found: [Int], expected: [Int])
    /// A tensor whose elements are of a type that is not read.
    case elementType(String, ElementType)
    /// A value that is NaN or infinite.
    case notFinite(String)
    /// A model to be saved has a value that is NaN or infinite.
    case diverged(String)
    /// A value that becomes infinite in 16 bits.
    case tooLargeToRound(String)

    /// What a reader threw while it read `part`.
    init(_ error: any Error, in part: String) {
      switch error {
      case let problem as Problem: self = problem
      case let error as JSONError: self = .syntax(error, in: part)
      case let error as ConfigurationError: self = .configuration(error)
      default: preconditionFailure("nobody throws \(error) here")
      }
    }
  }

  /// What can be wrong with one of the characters under `charset`.
  public enum CharsetProblem: Equatable, Sendable {
    /// None at all.
    case empty
    /// More than ids can tell apart.
    case tooMany(limit: Int)
    /// Not one character of the model's unit.
    case kind
    /// Not greater than the one before it.
    case order
    /// `null`, which stands for the unknown id, is not the last.
    case unknownNotLast
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

  /// What is wrong and what to do about it.
  public var reason: String { problem.reason }

  /// Bad data, but for a model that cannot be saved.
  public var kind: ErrorKind {
    if case .diverged = problem { .diverged } else { .badData }
  }

  /// What is wrong and what to do about it.
  public var description: String { reason }
}

extension ModelFileError.Problem {
  /// What to think of a file whose digest was not looked at yet.
  private static let damaged = "the file is damaged, or not a model"

  /// The problem in words.
  var reason: String {
    switch self {
    case .tooShort(let count):
      "not a model: the file has only \(count) byte\(count == 1 ? "" : "s")"
    case .headerLength(let length, let limit):
      "not a model: its first eight bytes ask for a header of \(length) bytes, more than \(limit)"
    case .noHeader:
      "not a model: no header begins at byte 8"
    case .cutShort(let size, nil):
      "the file ends at byte \(size), inside its header: it was cut short"
    case .cutShort(let size, let expected?):
      "the file ends at byte \(size) of \(expected): it was cut short"
    case .excess(let size):
      "the file goes on after byte \(size), where its last tensor ends: \(Self.damaged)"
    case .syntax(let error, let part):
      "byte \(error.offset) of the \(part): \(error.reason); \(Self.damaged)"
    case .entry(let name, let problem):
      "tensor \"\(name)\": \(problem.reason); \(Self.damaged)"
    case .notChartools:
      "no chartools metadata: bring a PyTorch file in with charmodel import"
    case .version(let version):
      "version \"\(version)\" of the model format is not known: upgrade chartools; this program reads version 1"
    case .missingMetadata(let key):
      "no \"\(key)\" in the metadata: bring a file from elsewhere in with charmodel import"
    case .longMetadata(let key, let limit):
      "\"\(key)\" in the metadata is longer than \(limit) bytes: \(Self.damaged)"
    case .malformedDigest:
      "the digest is not \"xxh64:\" and 16 hexadecimal digits: the file was changed or damaged"
    case .digest:
      "digest does not match: the file was changed or damaged"
    case .unit(let unit):
      "unknown unit \"\(unit)\"; the units are scalar, byte and grapheme"
    case .records(let word):
      "\"records\" in the metadata is \"\(word)\", and can only be \"\(ModelHeader.isOfRecordsWord)\""
    case .recordsWithoutNewline:
      "a model of records without the newline that ends them"
    case .charset(let problem, let id):
      "charset, id \(id): \(problem.reason)"
    case .configuration(let error):
      error.reason
    case .missingTensor(let name):
      "tensor \"\(name)\" is missing"
    case .excessTensor(let name):
      "tensor \"\(name)\" is none of this network's"
    case .shape(let name, let found, let expected):
      "tensor \"\(name)\" has the shape \(found) where the network's layers and characters make \(expected)"
    case .elementType(let name, let type):
      "tensor \"\(name)\" is \(type.rawValue); \(name.hasPrefix(FileLayout.extraPrefix) ? "F32 is" : "F32 and BF16 are") read"
    case .notFinite(let name):
      "tensor \"\(name)\" holds a value that is not a number or infinite"
    case .diverged(let name):
      "\"\(name)\" has become infinite or not a number, so the model is not saved; lower the learning rate"
    case .tooLargeToRound(let name):
      "\"\(name)\" holds a value that is too large for 16 bits"
    }
  }
}

extension ModelFileError.CharsetProblem {
  /// The problem in words.
  fileprivate var reason: String {
    switch self {
    case .empty: "no characters"
    case .tooMany(let limit): "more than \(limit) characters"
    case .kind: "not one character of the model's unit"
    case .order: "not greater than the character before it"
    case .unknownNotLast: "only the last may be null"
    }
  }
}

extension SafetensorsEntry.Problem {
  /// The problem in words.
  fileprivate var reason: String {
    switch self {
    case .missing(let key): "no \"\(key)\""
    case .unknownMember(let key): "unknown member \"\(key)\""
    case .unknownType(let type): "unknown type \"\(type)\""
    case .rank(let limit): "more than \(limit) dimensions"
    case .tooLarge: "larger than any file"
    case .offsets: "its data_offsets are no range"
    case .size(let between, let needed):
      "\(between) bytes between its data_offsets where \(needed) are needed"
    case .hole: "unused bytes before it"
    case .overlap: "it overlaps another"
    }
  }
}
