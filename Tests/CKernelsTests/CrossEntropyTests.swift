// SPDX-License-Identifier: GPL-3.0-or-later

import CKernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// cross_entropy and softmax.
struct CrossEntropyTests {
  /// Widths at the edges of vectors and of the blocks of 256 in which a loss without gradient is summed.
  private static let widths = edgeSizes.filter { $0 > 0 } + [255, 256, 257, 300, 511, 513, 1000]

  private struct Case {
    let rows: Int
    let n: Int
    let logits: [Float]
    let targets: [UInt16]

    init(rows: Int, n: Int, within limit: Float) {
      var random = TestRandom(seed: UInt64(10_000 * rows + n))
      self.rows = rows
      self.n = n
      logits = random.floats(rows * n, within: limit)
      targets = random.ids(rows, below: n)
    }

    func run(_ level: Level, scale: Float) -> (losses: [Double], logits: [Float]) {
      var changed = logits + [Float](repeating: untouchable, count: 16)
      var losses = [Double](repeating: -1, count: rows)
      level.kernels.cross_entropy(rows, n, &changed, targets, scale, &losses)
      return (losses, changed)
    }

    /// Probabilities of a row in double.
    func softmax(_ row: Int, inverseTemperature: Double = 1) -> [Double] {
      let x = logits[row * n..<(row + 1) * n].map { Double($0) * inverseTemperature }
      let most = x.max() ?? 0
      let e = x.map { exp($0 - most) }
      let sum = e.reduce(0, +)
      return e.map { $0 / sum }
    }
  }

  private static func loss(_ level: Level, _ logits: [Float], target: Int, scale: Float = 0) -> Double {
    var logits = logits
    var loss = -1.0
    level.kernels.cross_entropy(1, logits.count, &logits, [UInt16(target)], scale, &loss)
    return loss
  }

  private static func softmax(_ level: Level, _ logits: [Float], _ inverseTemperature: Float = 1) -> [Float] {
    var p = [Float](repeating: untouchable, count: logits.count)
    level.kernels.softmax(logits.count, logits, inverseTemperature, &p)
    return p
  }

  @Test(arguments: Level.fast)
  func areThePortableOnesToTheBit(_ level: Level) {
    inBothDenormalModes { _ in
      for n in Self.widths {
        // The larger range goes down to exponentials that vanish.
        for limit: Float in [4, 60] {
          let rows = Case(rows: 3, n: n, within: limit)
          for scale: Float in [0, 1, -0.125] {
            let (losses, logits) = rows.run(level, scale: scale)
            let portable = rows.run(.portable, scale: scale)
            #expect(losses.map(\.bitPattern) == portable.losses.map(\.bitPattern), "n \(n), scale \(scale)")
            #expect(sameBits(logits, portable.logits), "n \(n), scale \(scale)")
            #expect(logits.suffix(16).allSatisfy(isUntouched), "n \(n), scale \(scale)")
          }
          for inverseTemperature: Float in [1, 0.5, 4] {
            let fast = Self.softmax(level, rows.logits, inverseTemperature)
            #expect(sameBits(fast, Self.softmax(.portable, rows.logits, inverseTemperature)), "n \(n)")
          }
        }
      }
    }
  }

  @Test(arguments: Level.all)
  func lossesAndGradientsAreRight(_ level: Level) {
    for n in Self.widths {
      let rows = Case(rows: 5, n: n, within: 8)
      let scale = 0.25
      let (losses, logits) = rows.run(level, scale: Float(scale))
      for row in 0..<5 {
        let p = rows.softmax(row)
        let target = Int(rows.targets[row])
        #expect((losses[row] + log(p[target])).magnitude < 1e-6, "n \(n)")
        for symbol in 0..<n {
          let expected = scale * (p[symbol] - (symbol == target ? 1 : 0))
          #expect((Double(logits[row * n + symbol]) - expected).magnitude < 1e-7, "n \(n)")
        }
      }
    }
  }

  @Test(arguments: Level.all)
  func theLossIsTheSameToTheBitWithAndWithoutAGradient(_ level: Level) {
    for n in Self.widths {
      let rows = Case(rows: 4, n: n, within: 8)
      let (losses, logits) = rows.run(level, scale: 0)
      #expect(losses == rows.run(level, scale: 2).losses, "n \(n)")
      #expect(sameBits(Array(logits[..<rows.logits.count]), rows.logits), "n \(n): logits were changed")
    }
  }

  @Test(arguments: Level.all)
  func softmaxIsRightAtEveryTemperatureAndInPlace(_ level: Level) {
    for n in Self.widths {
      let rows = Case(rows: 1, n: n, within: 8)
      for inverseTemperature in [0.25, 1, 1.5, 4] {
        let p = Self.softmax(level, rows.logits, Float(inverseTemperature))
        for (found, expected) in zip(p, rows.softmax(0, inverseTemperature: inverseTemperature)) {
          // The distance to the largest, at most |log p|, is rounded twice; the sum has n / 16 roundings in a
          // chain.
          let units = 5 - log(expected) + Double(n) / 32
          #expect((Double(found) - expected).magnitude < units * 0x1p-23 * expected, "n \(n)")
        }
        var inPlace = rows.logits
        inPlace.withUnsafeMutableBufferPointer {
          level.kernels.softmax(n, $0.baseAddress, Float(inverseTemperature), $0.baseAddress)
        }
        #expect(sameBits(inPlace, p), "n \(n)")
      }
    }
  }

  @Test(arguments: Level.all)
  func hugeLogitsDoNotOverflow(_ level: Level) {
    for n in [2, 17, 300] {
      for size: Float in [1e4, 1e38, .greatestFiniteMagnitude] {
        var logits = [Float](repeating: -size, count: n)
        logits[n - 1] = size
        for scale: Float in [0, 1] {
          #expect(Self.loss(level, logits, target: n - 1, scale: scale) == 0)
          #expect(Self.loss(level, logits, target: 0, scale: scale) == 2 * Double(size))
        }
        #expect(Self.softmax(level, logits) == [Float](repeating: 0, count: n - 1) + [1])
        let same = [Float](repeating: size, count: n)
        #expect((Self.loss(level, same, target: 0) - log(Double(n))).magnitude < 1e-6)
        #expect(Self.softmax(level, same).allSatisfy { ($0 * Float(n) - 1).magnitude < 1e-6 })
      }
    }
  }

  @Test(arguments: Level.all)
  func aSymbolOfLogitMinusInfinityHasProbabilityZeroExactly(_ level: Level) {
    for n in [2, 16, 17, 33, 300] {
      for banned in [0, n / 2, n - 1] {
        var logits = TestRandom(seed: UInt64(n)).copyOfFloats(n)
        logits[banned] = -.infinity
        for inverseTemperature: Float in [0.25, 1, 100] {
          let p = Self.softmax(level, logits, inverseTemperature)
          #expect(p[banned].bitPattern == 0)
          #expect((p.reduce(0) { $0 + Double($1) } - 1).magnitude < 1e-5)
        }
        #expect(Self.loss(level, logits, target: banned) == .infinity)
        #expect(Self.loss(level, logits, target: banned == 0 ? 1 : 0).isFinite)
      }
    }
  }

  @Test(arguments: Level.all)
  func aLossOverNaNOrPlusInfinityIsNaN(_ level: Level) {
    for n in [1, 2, 16, 17, 33, 256, 257, 300] {
      for spoiled in Set([0, n / 2, n - 1]) {
        for bad: Float in [.nan, .infinity] {
          var logits = TestRandom(seed: UInt64(n)).copyOfFloats(n)
          logits[spoiled] = bad
          for target in Set([0, n - 1]) {
            for scale: Float in [0, 1] {
              #expect(Self.loss(level, logits, target: target, scale: scale).isNaN, "n \(n), \(bad)")
            }
          }
          #expect(Self.softmax(level, logits).contains { $0.isNaN }, "n \(n), \(bad)")
        }
      }
    }
    #expect(Self.loss(level, [-.infinity, -.infinity], target: 0).isNaN)
  }

  @Test(arguments: Level.all)
  func aNaNSpoilsItsOwnRowOnly(_ level: Level) {
    let n = 20
    var logits = TestRandom(seed: 3).copyOfFloats(3 * n)
    logits[n + 4] = .nan
    var losses = [0.0, 0.0, 0.0]
    level.kernels.cross_entropy(3, n, &logits, [1, 2, 3], 1, &losses)
    #expect(losses[0].isFinite && losses[1].isNaN && losses[2].isFinite)
    #expect(logits[..<n].allSatisfy { $0.isFinite } && logits[(2 * n)...].allSatisfy { $0.isFinite })
  }
}

extension TestRandom {
  /// The first `count` floats of this seed.
  fileprivate func copyOfFloats(_ count: Int) -> [Float] {
    var copy = self
    return copy.floats(count)
  }
}
