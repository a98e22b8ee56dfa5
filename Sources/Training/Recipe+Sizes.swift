// SPDX-License-Identifier: GPL-3.0-or-later

/// What the standard recipe takes from the length of the text, the layers, and the time (see CONTRIBUTING for where the
/// values come from).
extension Recipe {
  /// The part of the learning rate that the layers get: wider ones want smaller steps, the table that is read and the
  /// decoder do not.
  static func innerRate(width: Double) -> Double { 0.4 * min(1, 128 / width).squareRoot() }

  /// The part that is held out: a tenth, but of a long text about a million characters, rounded up to ten-thousandths.
  ///
  /// They tell a loss to its third digit, and scoring them takes no longer than training on as many.
  static func validationSplit(characterCount: Int) -> Double {
    min(0.1, (1e10 / Double(max(characterCount, 1))).rounded(.up) / 10_000)
  }

  /// Layers where neither they nor a time are given: as wide as a text of so many characters bears, while training
  /// takes about a minute for a few million.
  static func layerSizes(trained: Double) -> [Int] {
    let size = sizesByCorpus.last { $0.corpus <= trained }?.size ?? 128
    return [size, size]
  }

  /// Passes over a text where nobody says how many: for layers of up to 128 units 4 over a million characters, 10 over
  /// fifty thousand, 1 over what is longer than a hundred million; for wider ones, which learn more of a pass, fewer.
  static func passes(trained: Double, width: Double) -> Int {
    let passes = 4 * powerOfThreeTenths(1e6 / max(trained, 1)) * min(1, 128 / width).squareRoot()
    return min(max(Int(passes.rounded()), 1), 20)
  }

  /// Passes over a text after which a run with time left ends: of 50,000 characters twenty taught no more than ten.
  static func mostPasses(trained: Double, width: Double) -> Int {
    min(4 * passes(trained: trained, width: width), 20)
  }

  /// The part to drop: little beside weight decay, none of a text that is hardly read twice; of what is read again and
  /// again wide layers lose most.
  static func dropout(passes: Double, width: Double) -> Double {
    let strength = 0.02 * max(0, passes - 1.5) * (width / 256).squareRoot()
    return (20 * min(strength, 0.5)).rounded() / 20
  }

  /// The part of the learning rate that is taken off every parameter: none of a text that is not read once.
  ///
  /// Adam without momentum lets parameters grow with each pass, and with large ones a text is learned by heart. Short
  /// records have less in them to be learned so, and want a quarter of it.
  static func weightDecay(passes: Double, ofRecords: Bool) -> Double {
    let decay = min(0.03 * max(0, passes - 0.75), 0.3)
    return (100 * (ofRecords ? decay / 4 : decay)).rounded() / 100
  }

  /// The decay of the mean of squares: 0.99, and a longer memory for a text of fewer than half a million characters,
  /// whose run has few updates; 0.998 for one of up to a hundred thousand.
  static func beta2(trained: Double) -> Double {
    min(max(1 - trained / 5e7, 0.99), 0.998)
  }

  /// Layer sizes for a run that ends at a time, by what the time is good for.
  ///
  /// - Parameters:
  ///   - charactersAffordable: characters that a network of layers 128,128 could be trained on in the time.
  ///   - trained: characters to train on; a wide network learns few of them by heart.
  public static func layerSizes(charactersAffordable: Double, trained: Double) -> [Int] {
    let size =
      sizesByBudget.last { $0.affordable <= charactersAffordable && $0.corpus <= trained }?.size ?? 128
    return [size, size]
  }

  /// The sizes of a run without a time, and the characters to train on that each wants.
  private static let sizesByCorpus: [(corpus: Double, size: Int)] = [
    (0, 128), (100_000, 192), (500_000, 256),
  ]

  /// The sizes that `layerSizes` chooses from, and what each wants: affordable characters, and a corpus.
  private static let sizesByBudget: [(affordable: Double, corpus: Double, size: Int)] = [
    (0, 0, 128), (3e6, 50_000, 192), (8e6, 50_000, 256), (24e6, 600_000, 384), (40e6, 3_000_000, 512),
    (300e6, 10_000_000, 768),
  ]
}

/// x to the power 0.3 to a few digits, from square roots alone, which are the same on every machine: 0.3 is nearly
/// 1/4 + 1/32 + 1/64 + 1/512.
private func powerOfThreeTenths(_ x: Double) -> Double {
  func root(_ x: Double, _ times: Int) -> Double { (0..<times).reduce(x) { root, _ in root.squareRoot() } }
  return root(x, 2) * root(x, 5) * root(x, 6) * root(x, 9)
}
