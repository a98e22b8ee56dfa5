// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

/// How a program tells its caller what became of the job; the numbers are those of `sysexits.h`.
///
/// Thrown from a command it ends the program with that status and without a word.
public enum ExitStatus: Int32, Error, Sendable, CaseIterable {
  /// The job is done.
  case done = 0
  /// The answer is no: a check failed, nothing matched.
  case no = 1
  /// The command was put together wrongly.
  case usage = 64
  /// Text, a charset or a model does not hold what it should.
  case badData = 65
  /// An input does not exist or cannot be opened.
  case noInput = 66
  /// Training diverged for good, or the program met an error of its own.
  case diverged = 70
  /// An output cannot be created, or exists and may not be replaced.
  case cannotCreate = 73
  /// Reading or writing failed half-way.
  case ioError = 74

  /// The status that tells of an error of this kind.
  public init(_ kind: ErrorKind) {
    self =
      switch kind {
      case .usage: .usage
      case .badData: .badData
      case .noInput: .noInput
      case .cannotCreate: .cannotCreate
      case .io: .ioError
      case .diverged: .diverged
      }
  }
}

/// A program's own failure, worded already.
public struct CommandFailure: Error, Equatable, Sendable {
  /// Where it happened, such as `corpus.txt:812`; nil when there is no place to name.
  public let place: String?
  /// What happened, in lower case and without a full stop.
  public let reason: String
  /// What the caller is told.
  public let status: ExitStatus

  /// Describes a failure that ends the program with `status`.
  public init(place: String? = nil, _ reason: String, status: ExitStatus) {
    self.place = place
    self.reason = reason
    self.status = status
  }
}
