// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

struct FloatBufferTests {
  @Test func buffersBeginAlignedAndAtZero() {
    for count in [0, 1, 15, 16, 17, 1000, 8191, 8192, 100_001] {
      let buffer = FloatBuffer(count: count)
      #expect(buffer.count == count && buffer.elements.count == count)
      #expect(Int(bitPattern: buffer.pointer).isMultiple(of: 64))
      #expect(buffer.elements.allSatisfy { $0.bitPattern == 0 })
    }
  }

  @Test func copyingAndClearingReachEveryElement() {
    let (a, b) = (FloatBuffer(count: 37), FloatBuffer(count: 37))
    for index in 0..<37 { a.pointer[index] = Float(index + 1) }
    b.copy(from: a)
    #expect(Array(b.elements) == (1...37).map { Float($0) })
    a.clear()
    #expect(a.elements.allSatisfy { $0 == 0 })
    #expect(Array(b.elements) == (1...37).map { Float($0) })
  }
}
