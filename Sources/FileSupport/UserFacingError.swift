// SPDX-License-Identifier: GPL-3.0-or-later

/// What sort of thing went wrong, from the point of view of whoever typed the command.
///
/// A library says which sort its error is; only `CommandSupport` turns that into an exit status.
public enum ErrorKind: Sendable, Hashable, CaseIterable {
  /// The command was put together wrongly.
  case usage
  /// Text, a charset or a model does not hold what it should.
  case badData
  /// An input does not exist or cannot be opened.
  case noInput
  /// An output cannot be created, or exists and may not be replaced.
  case cannotCreate
  /// Reading or writing failed half-way.
  case io
  /// Training diverged and cannot be saved.
  case diverged
}

/// An error that a program can show as one line: `program: place: reason`.
///
/// `reason` is lower case, has no full stop, and names neither the program nor the place.
public protocol UserFacingError: Error {
  /// Where it happened, such as `corpus.txt:812`; nil when there is no place to name.
  var place: String? { get }
  /// What happened, and what to do about it when that is not obvious.
  var reason: String { get }
  /// What sort of thing went wrong.
  var kind: ErrorKind { get }
}
