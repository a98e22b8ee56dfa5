// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import CharText

@Suite struct CharsetTests {
  private let letters = [Symbol(scalar: "\n"), Symbol(scalar: "a"), Symbol(scalar: "é"), Symbol(scalar: "😀")]

  @Test func idsFollowTheOrderOfTheSymbols() throws {
    let charset = try Charset(unit: .scalar, symbols: letters)
    #expect(charset.count == 4)
    #expect(letters.map { charset.id(of: $0) } == [0, 1, 2, 3])
    #expect(charset.id(ofScalar: 0x1F600) == 3)
    #expect(charset.id(of: Symbol(scalar: "b")) == nil)
    #expect(charset.id(ofScalar: 0xFFFF_FFFF) == nil)
    #expect(charset.newlineID == 0)
    #expect(charset.unknownID == nil)
    #expect(charset.bytes(of: 3) == utf8("😀"))
  }

  @Test func theUnknownIDIsTheLast() throws {
    let charset = try Charset(unit: .scalar, symbols: letters, hasUnknown: true)
    #expect(charset.count == 5)
    #expect(charset.unknownID == 4)
    #expect(charset.bytes(of: 4) == utf8("\u{FFFD}"))
    #expect(try Charset(unit: .byte, symbols: [Symbol(byte: 1)], hasUnknown: true).bytes(of: 1) == utf8("?"))
  }

  @Test func bytesAndScalarsAreNotMistakenForEachOther() throws {
    let bytes = try Charset(unit: .byte, symbols: [Symbol(byte: 0x0A), Symbol(byte: 0x41)])
    #expect(bytes.id(ofByte: 0x41) == 1)
    #expect(bytes.id(ofScalar: 0x41) == nil)
    #expect(bytes.id(of: Symbol(scalar: "A")) == nil)
    #expect(bytes.newlineID == 0)
    let scalars = try Charset(unit: .scalar, symbols: letters)
    #expect(scalars.id(ofByte: 0x61) == nil)
    #expect(scalars.id(of: Symbol(byte: 0x61)) == nil)
  }

  @Test func graphemesAreFoundByTheirScalars() throws {
    let symbols = ([[0x0D, 0x0A], [0x65], [0x65, 0x301], [0xE9]] as [[UInt32]]).map { Symbol(scalars: $0) }
    let charset = try Charset(unit: .grapheme, symbols: symbols)
    #expect(symbols.map { charset.id(of: $0) } == [0, 1, 2, 3])
    #expect(charset.id(of: Symbol(scalars: [0x65, 0x302])) == nil)
    #expect(charset.newlineID == nil)
    #expect(charset.bytes(of: 2) == utf8("e\u{301}"))
  }

  @Test func brokenRulesAreRefused() {
    let (first, second) = (Symbol(scalar: "a"), Symbol(scalar: "b"))
    func refusal(
      _ symbols: [Symbol], unit: TextUnit = .scalar, hasUnknown: Bool = false, counts: [UInt64]? = nil
    ) -> CharsetError.Problem? {
      do throws(CharsetError) {
        _ = try Charset(unit: unit, symbols: symbols, hasUnknown: hasUnknown, counts: counts)
        return nil
      } catch {
        return error.problem
      }
    }
    #expect(refusal([]) == .empty)
    #expect(refusal([], hasUnknown: true) == .empty)
    #expect(refusal([first, first]) == .duplicate(first))
    #expect(refusal([second, first]) == .order(first, after: second))
    #expect(refusal([first], unit: .byte) == .kind(first, .byte))
    #expect(refusal([Symbol(byte: 1)]) == .kind(Symbol(byte: 1), .scalar))
    let cluster = Symbol(scalars: [1, 2])
    #expect(refusal([cluster]) == .kind(cluster, .scalar))
    #expect(refusal([first], hasUnknown: true, counts: [1]) == .countOfCounts(1, expected: 2))
    let many = (0..<65_535).map { Symbol(scalar: 0x1_0000 + $0) }
    #expect(refusal(many) == nil)
    #expect(refusal(many, hasUnknown: true) == .tooManySymbols(limit: 65_535))
  }

  @Test func charsetsThatGiveTheSameIDsAreEqual() throws {
    let charset = try Charset(unit: .scalar, symbols: letters, counts: [1, 2, 3, 4])
    #expect(try charset == Charset(unit: .scalar, symbols: letters))
    #expect(try charset != Charset(unit: .scalar, symbols: letters, hasUnknown: true))
    #expect(try charset != Charset(unit: .grapheme, symbols: letters))
    #expect(try charset != Charset(unit: .scalar, symbols: Array(letters.dropLast())))
  }
}
