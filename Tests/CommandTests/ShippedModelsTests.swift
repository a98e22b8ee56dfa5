// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// The models in the box, by name.
private let shipped: [String] = {
  let files = (try? FileManager.default.contentsOfDirectory(atPath: Programs.checkout + "/Models")) ?? []
  return files.filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(12)) }.sorted()
}()

private let environment = ["CHARTOOLS_MODELS": Programs.checkout + "/Models"]

@Test func theDefaultModelIsInTheBox() throws {
  #expect(shipped.contains("shakespeare"))
  let text = try Workplace().run(
    "charsample", "--prompt", "HAMLET", "--seed", "1", "-n", "100", environment: environment
  ).done()
  #expect(text.hasPrefix("HAMLET") && text.count > 100)
}

@Test(arguments: shipped) func aShippedModelIsWholeAndItsCardTellsOfIt(model: String) throws {
  let place = try Workplace()
  #expect(try place.run("charmodel", "verify", model, environment: environment).done().contains("OK"))
  let card = try String(contentsOfFile: "\(Programs.checkout)/Models/\(model).md", encoding: .utf8)
  let info = try place.run("charmodel", "info", model, environment: environment).done()
  let digest = try #require(info.split(separator: "\n").first { $0.hasPrefix("digest") })
  #expect(card.contains(try #require(digest.split(separator: " ").last)))
  for words in [
    "## Text", "SHA-256", "$ chartrain ", "order-6 n-gram", "xz -9", "\nNot for ", "temperature 0.25",
  ] {
    #expect(card.contains(words), "\(words)")
  }
}

@Test func theShippedModelsAreSmall() throws {
  let sizes = try Dictionary(
    uniqueKeysWithValues: shipped.map { name in
      (
        name,
        try Data(contentsOf: URL(fileURLWithPath: "\(Programs.checkout)/Models/\(name).safetensors")).count
      )
    })
  #expect(sizes.values.reduce(0, +) < 20_000_000)
  if let small = sizes["shakespeare-small"] { #expect(small < 1_000_000) }
}
