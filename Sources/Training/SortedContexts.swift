// SPDX-License-Identifier: GPL-3.0-or-later
import CharText

/// All places of a training text and a held-out text, in the order of what stands before them.
///
/// Places are sorted by the character just before them, then by the one before that, and so on: whatever the number k
/// of characters, the places that have the same k before them lie side by side. All that an n-gram model counts is
/// then counted in one walk, exactly and in memory that depends on nothing but the length of the texts: about eleven
/// bytes a character.
struct SortedContexts {
  /// The most characters that places are sorted by.
  static let depth = 6

  /// Both texts, the training text first.
  ///
  /// Before each stand a newline, if there is one, as before every text that a
  /// network reads, and as many characters as are sorted by of a kind that no text has.
  let text: [UInt16]
  /// Where the held-out text begins in `text`.
  let heldOutStart: Int
  /// How many characters the held-out text has.
  let heldOutCount: Int
  /// The places of both texts' characters, sorted.
  let places: [UInt32]
  /// How many characters, `depth` at most, stand before each place as they do before the one ahead of it in `places`.
  let shared: [UInt8]

  /// Sorts.
  ///
  /// - Parameters:
  ///   - symbolCount: V; all ids are below.
  ///   - beginning: the id of the newline that is read before a text; nil for none.
  init(training: [UInt16], heldOut: [UInt16], symbolCount: Int, beginning: Int?) {
    precondition(symbolCount < 1 << 16 && training.count + heldOut.count < 1 << 31, "too much to sort")
    let lead =
      [UInt16](repeating: UInt16(symbolCount), count: Self.depth) + (beginning.map { [UInt16($0)] } ?? [])
    let text = lead + training + lead + heldOut
    self.text = text
    heldOutStart = text.count - heldOut.count
    heldOutCount = heldOut.count

    var places = [UInt32](unsafeUninitializedCapacity: training.count + heldOut.count) { places, count in
      for index in 0..<training.count { places[index] = UInt32(lead.count + index) }
      for index in 0..<heldOut.count {
        places[training.count + index] = UInt32(2 * lead.count + training.count + index)
      }
      count = training.count + heldOut.count
    }
    Self.sort(&places, by: text, kinds: symbolCount + 1)
    self.places = places
    shared = Self.shared(places, in: text)
  }

  /// Sorts by one character after the other, the furthest first; each sort keeps the order of what is equal.
  private static func sort(_ places: inout [UInt32], by text: [UInt16], kinds: Int) {
    var sorted = places
    var ends = [Int](repeating: 0, count: kinds + 1)
    text.withUnsafeBufferPointer { text in
      for distance in stride(from: depth, to: 0, by: -1) {
        for kind in ends.indices { ends[kind] = 0 }
        places.withUnsafeBufferPointer { places in
          sorted.withUnsafeMutableBufferPointer { sorted in
            for place in places { ends[Int(text[Int(place) - distance]) + 1] += 1 }
            for kind in 1..<kinds + 1 { ends[kind] += ends[kind - 1] }
            for place in places {
              let kind = Int(text[Int(place) - distance])
              sorted[ends[kind]] = place
              ends[kind] += 1
            }
          }
        }
        swap(&places, &sorted)
      }
    }
  }

  private static func shared(_ places: [UInt32], in text: [UInt16]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: places.count) { shared, count in
      for index in places.indices {
        var same = 0
        if index > 0 {
          let (one, other) = (Int(places[index]), Int(places[index - 1]))
          while same < depth && text[one - same - 1] == text[other - same - 1] { same += 1 }
        }
        shared[index] = UInt8(same)
      }
      count = places.count
    }
  }
}
