// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// Some characters of a text that are to be charged, with those before them that are only read.
public struct TextPiece: Sendable {
  /// Ids; `Charset.noID` is a character that the network cannot read.
  public var ids: ArraySlice<UInt16>
  /// How many of `ids` come before the ones to be charged.
  public var contextCount: Int
  /// Whether the text begins here.
  ///
  /// Where it does not, the state is zero and the first id is only read.
  public var beginsText: Bool

  /// A whole text.
  public init(_ text: [UInt16]) {
    self.init(text[...])
  }

  /// A piece whose first `contextCount` ids are read and not charged.
  public init(_ ids: ArraySlice<UInt16>, contextCount: Int = 0, beginsText: Bool = true) {
    precondition(contextCount <= ids.count, "a context of \(contextCount) of \(ids.count) characters")
    precondition(beginsText || contextCount > 0, "in the middle of a text something comes before")
    self.ids = ids
    self.contextCount = contextCount
    self.beginsText = beginsText
  }

  /// How many characters are charged.
  public var chargedCount: Int { ids.count - contextCount }
}

extension TextPiece {
  /// A text of more characters than this is scored in pieces, side by side.
  public static let longest = 1 << 16
  /// How many characters are charged in each of them.
  static let segment = 4096
  /// How many before them each reads from the zero state; CONTRIBUTING tells how little that loses.
  static let runIn = 1024

  /// The pieces that a text is scored in, in order; one, unless it is a long one.
  static func pieces(of text: [UInt16]) -> [TextPiece] {
    text.count > longest ? segments(text, contextCount: 0) : [TextPiece(text)]
  }

  /// The pieces of a long text in order, from a place on that is a multiple of `segment` characters from its beginning.
  ///
  /// - Parameters:
  ///   - ids: what is to be charged, all of it that can be read, and before it the `runIn` characters before.
  ///   - contextCount: how many of `ids` those are; none where the text begins.
  static func segments(_ ids: [UInt16], contextCount: Int) -> [TextPiece] {
    stride(from: contextCount, to: ids.count, by: segment).map { start in
      let first = max(0, start - runIn)
      return TextPiece(
        ids[first..<min(start + segment, ids.count)], contextCount: start - first, beginsText: start == 0)
    }
  }
}
