// SPDX-License-Identifier: GPL-3.0-or-later

import CharLSTM
import Testing

struct KernelsTests {
  @Test func everyLevelIsFoundByItsNameAndTheFirstIsTheBest() throws {
    #expect(Kernels.levels.last == "portable")
    #expect(Set(Kernels.levels).count == Kernels.levels.count)
    for level in Kernels.levels { #expect(try Kernels(named: level).name == level) }
    #expect(Kernels.best.name == Kernels.levels[0])
    #expect(try Kernels().name == Kernels.levels[0])
  }

  @Test func anUnknownLevelIsAUsageErrorThatNamesTheKnownOnes() throws {
    let error = try #require(throws: KernelsError.self) { try Kernels(named: "mmx") }
    #expect(error.name == "mmx" && error.known == Kernels.levels)
    #expect(error.kind == .usage)
    #expect(error.place == "CHARTOOLS_ISA")
    #expect(error.reason.contains("'mmx'") && error.reason.contains("portable"))
  }

  @Test func fp32IsThereAtEveryLevel() throws {
    for level in Kernels.levels { #expect(try Kernels(named: level).has(.fp32)) }
    #expect(try !Kernels(named: "portable").has(.bf16))
  }

  @Test func theFastestPrecisionIsOneThatIsThere() throws {
    for level in Kernels.levels {
      let kernels = try Kernels(named: level)
      #expect(kernels.has(kernels.fastestPrecision))
      #expect(kernels.speed(of: .fp32) == 1 && (kernels.speed(of: .bf16) > 0) == kernels.has(.bf16))
      if level == "amx" { #expect(kernels.fastestPrecision == .bf16) }
    }
  }
}
