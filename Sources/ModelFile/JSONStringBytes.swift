// SPDX-License-Identifier: GPL-3.0-or-later

/// The bytes that a JSON string stands for, its escapes resolved, one after the other.
///
/// With this a scanner reads JSON that stands inside a string without a copy of it.
package struct JSONStringBytes: IteratorProtocol {
  private var lexer: JSONLexer<UnsafeRawBufferPointer.Iterator>
  private var isAtEnd = false

  /// Begins with a string's contents, the closing quote with them.
  ///
  /// They have been read by a scanner before, so there is no error left to find; should there be one all the same,
  /// the bytes end there.
  package init(_ contents: UnsafeRawBufferPointer) {
    lexer = JSONLexer(contents.makeIterator())
  }

  package mutating func next() -> UInt8? {
    if isAtEnd { return nil }
    if let byte = try? lexer.nextStringByte() { return byte }
    isAtEnd = true
    return nil
  }
}
