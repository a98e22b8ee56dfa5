// SPDX-License-Identifier: GPL-3.0-or-later
import Synchronization

/// Pieces of a task that are done one after the other, by the thread that has the task or by a helper.
///
/// Where no helper is idle it is as if there were no queue.
final class WorkQueue: Sendable {
  typealias Piece = @Sendable () -> Void

  private let helpers: Helpers?
  private let state = Mutex(State())

  private struct State: Sendable {
    /// Pieces that are left to a helper, and nobody has begun.
    var pieces: [Piece] = []
    /// Whether a helper is there or on its way.
    var hasHelper = false
    /// Whether somebody is doing a piece that was left.
    var isBusy = false

    mutating func take() -> Taken {
      if isBusy { return .busy }
      if pieces.isEmpty { return .empty }
      isBusy = true
      return .piece(pieces.removeFirst())
    }

    mutating func takeAsHelper() -> Piece? {
      if case .piece(let piece) = take() { return piece }
      // From here on the next piece is nobody's.
      hasHelper = false
      return nil
    }
  }

  private enum Taken {
    case piece(Piece)
    case busy
    case empty
  }

  /// A queue without pieces; without helpers the thread that has the task does all of them.
  init(_ helpers: Helpers?) {
    self.helpers = helpers
  }

  /// Does a piece of work after all before it, now or before `finish` returns.
  func run(_ piece: @escaping Piece) {
    guard let helpers else { return piece() }
    let isLeft = state.withLock { state in
      if state.hasHelper { state.pieces.append(piece) }
      return state.hasHelper
    }
    if isLeft { return }
    // Nothing is under way then, nor can be before the helper comes.
    let isSent = helpers.send(to: self) {
      state.withLock { state in
        state.pieces.append(piece)
        state.hasHelper = true
      }
    }
    if !isSent { piece() }
  }

  /// Does what nobody has begun, and waits for what somebody has.
  func finish() {
    var patience = Patience()
    while true {
      switch state.withLock({ $0.take() }) {
      case .piece(let piece):
        piece()
        state.withLock { $0.isBusy = false }
      case .busy: patience.wait()
      case .empty: return
      }
    }
  }

  /// Does the pieces until none is there.
  func help() {
    while let piece = state.withLock({ $0.takeAsHelper() }) {
      piece()
      state.withLock { $0.isBusy = false }
    }
  }
}
