// SPDX-License-Identifier: GPL-3.0-or-later

import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A generator that gives the same numbers in every run (SplitMix64).
struct SteadyRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// The bytes of a text.
func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A reader of `bytes` that calls itself `name`.
func input(_ bytes: [UInt8], name: String = "text", blockSize: Int = 65_536) -> InputReader {
  precondition(bytes.count <= 65_536, "more than a pipe holds")
  var ends: [Int32] = [0, 0]
  precondition(pipe(&ends) == 0 && write(ends[1], bytes, bytes.count) == bytes.count, "no pipe")
  close(ends[1])
  // The reader does not close the descriptor; the few that the tests use end with them.
  return InputReader(descriptor: ends[0], name: name, blockSize: blockSize)
}

/// A reader of a text.
func input(_ text: String, name: String = "text", blockSize: Int = 65_536) -> InputReader {
  input(utf8(text), name: name, blockSize: blockSize)
}

/// An input that is a text.
func source(_ bytes: [UInt8], name: String = "text", blockSize: Int = 65_536) -> InputSource {
  InputSource(input(bytes, name: name, blockSize: blockSize))
}

/// An input that is a text.
func source(_ text: String, name: String = "text", blockSize: Int = 65_536) -> InputSource {
  source(utf8(text), name: name, blockSize: blockSize)
}

/// The same bytes cut into blocks in different ways: whole, by single bytes, and at random.
func cuttings(of bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
  var random = SteadyRandom(UInt64(bytes.count))
  var atRandom: [ArraySlice<UInt8>] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = Int.random(in: 0...min(7, rest.count), using: &random)
    atRandom.append(rest.prefix(count))
    rest = rest.dropFirst(count)
  }
  return [[bytes[...]], bytes.indices.map { bytes[$0...$0] }, atRandom]
}

/// Scalars that try every rule of UTF-8 and of grapheme breaking.
let trickyScalars: [Unicode.Scalar] = [
  "a", "b", " ", "\r", "\n", "\t", "\0", "e", "\u{301}", "\u{308}", "\u{E9}", "\u{7F}", "\u{80}", "\u{7FF}",
  "\u{800}", "\u{FEFF}", "\u{FFFD}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "\u{D7FF}", "\u{E000}",
  "\u{200D}",
  "\u{1F469}", "\u{1F3FD}", "\u{1F680}", "\u{FE0F}", "\u{1F1E9}", "\u{1F1EA}", "\u{1F1EB}", "\u{1100}",
  "\u{1161}",
  "\u{11A8}", "\u{AC00}", "\u{AC01}", "\u{600}", "\u{915}", "\u{94D}", "\u{937}", "\u{93F}", "\u{E0067}",
  "\u{2028}",
]

/// A text of tricky scalars.
func trickyText(_ count: Int, using random: inout SteadyRandom) -> String {
  var text = String.UnicodeScalarView()
  for _ in 0..<count { text.append(trickyScalars.randomElement(using: &random)!) }
  return String(text)
}
