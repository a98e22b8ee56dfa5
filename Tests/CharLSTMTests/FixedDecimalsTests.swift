// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@Suite struct FixedDecimalsTests {
  @Test(arguments: [
    (1.0, 2, "1.00"), (0.005, 2, "0.01"), (-0.004, 2, "0.00"), (-1.5, 0, "-2"), (123_456.789, 1, "123456.8"),
    (0.000_000_4, 6, "0.000000"), (.nan, 3, "nan"), (9.999, 2, "10.00"),
  ])
  func fixedPointIsRounded(value: Double, decimals: Int, expected: String) {
    #expect(fixed(value, decimals) == expected)
  }
}
