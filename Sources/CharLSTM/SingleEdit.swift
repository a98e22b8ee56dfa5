// SPDX-License-Identifier: GPL-3.0-or-later

/// A change of one character, or of two neighbours, in a text.
public enum SingleEdit: Equatable, Sendable {
  /// Another character in the place of the one at `index`.
  case substitution(index: Int, id: UInt16)
  /// One more character before the one at `index`.
  case insertion(index: Int, id: UInt16)
  /// Without the character at `index`.
  case deletion(index: Int)
  /// The characters at `index` and after it the other way round.
  case transposition(index: Int)

  /// Where it begins.
  public var index: Int {
    switch self {
    case .substitution(let index, _), .insertion(let index, _), .deletion(let index),
      .transposition(let index):
      index
    }
  }

  /// How many characters it takes away.
  public var removedCount: Int {
    switch self {
    case .substitution, .deletion: 1
    case .insertion: 0
    case .transposition: 2
    }
  }

  /// How many characters it puts there.
  public var insertedCount: Int {
    switch self {
    case .substitution, .insertion: 1
    case .deletion: 0
    case .transposition: 2
    }
  }

  /// Changes a text, or whatever goes along with its characters.
  func apply(to ids: inout [UInt16]) {
    switch self {
    case .substitution(let index, let id): ids[index] = id
    case .insertion(let index, let id): ids.insert(id, at: index)
    case .deletion(let index): ids.remove(at: index)
    case .transposition(let index): ids.swapAt(index, index + 1)
    }
  }
}
