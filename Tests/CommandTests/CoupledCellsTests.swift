// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// A folder with a model `m` whose gates are coupled, one `plain` whose are not, and what they learned, `prose.txt`.
private func place() throws -> Workplace {
  let place = try Workplace(["prose.txt": Prose.text(lines: 200)])
  try place.shell(
    """
    chartrain -q --layers 16 --cell lstm --epochs 1 -o plain prose.txt
    chartrain -q --layers 16,33 --epochs 3 -o m prose.txt
    """
  ).done()
  return place
}

private func isCoupled(_ model: String, in place: Workplace) throws -> Bool {
  let facts = try JSONSerialization.jsonObject(
    with: Data(place.run("charmodel", "info", "--json", model).done().utf8))
  return try #require((facts as? [String: Any])?["coupled"] as? Bool)
}

@Test func coupledCellsAreTold() throws {
  let place = try place()
  #expect(try isCoupled("m", in: place))
  #expect(try !isCoupled("plain", in: place))
  #expect(try place.run("charmodel", "info", "m").done().contains("cells          coupled"))
  #expect(try place.run("charmodel", "info", "m").done().contains("--cell coupled"))
  let plain = try place.run("charmodel", "info", "plain").done()
  #expect(plain.contains("--cell lstm") && !plain.contains("coupled"))
}

@Test func aTextByCoupledCellsIsTheSameAtEveryLevelAndFromAnyThreads() throws {
  let place = try place()
  var texts: Set<[UInt8]> = []
  for instructions in InstructionSets.here {
    for threads in [1, 3] {
      let outcome = try place.shell(
        "charsample -m m --prompt 'the ' -n 300 --seed 4 --threads \(threads)",
        environment: ["CHARTOOLS_ISA": instructions])
      outcome.done()
      texts.insert(outcome.output)
    }
  }
  #expect(texts.count == 1)
}

@Test func whatIsMadeOfAModelKeepsItsCellsCoupled() throws {
  let place = try place()
  try place.shell(
    """
    charmodel half -o half m
    charmodel average -o mean m half
    chartrain -q --epochs 1 --init-from m -o further prose.txt
    tr e E < prose.txt > other.txt
    chartrain -q --epochs 1 --init-from m --extend-charset -o extended other.txt
    charmodel export --to keras -o k.npz m && charmodel import --from keras -o keras k.npz
    charmodel export --to tfjs -o web m && charmodel import --from tfjs -o tfjs web/
    charmodel import --from pytorch -o pytorch m
    """
  ).done()
  for model in ["half", "mean", "further", "extended", "keras", "tfjs", "pytorch"] {
    #expect(try isCoupled(model, in: place), "\(model)")
  }
  let write = "--prompt 'the ' --seed 3"
  #expect(
    try place.shell("charsample -m keras \(write)").done() == place.shell("charsample -m m \(write)").done())
  // The one may be made the other, which begins as it was, but not the other way.
  try place.run(
    "chartrain", "-q", "--epochs", "1", "--init-from", "m", "--cell", "lstm", "-o", "own", "prose.txt"
  ).done()
  #expect(try !isCoupled("own", in: place))
  try place.run("chartrain", "-q", "--epochs", "1", "--init-from", "own", "-o", "more", "prose.txt").done()
  #expect(try !isCoupled("more", in: place))
  try place.run("chartrain", "--init-from", "plain", "--cell", "coupled", "-o", "x", "prose.txt").failed(
    64, "chartrain: plain: its input gates are their own")
  try place.run("chartrain", "--cell", "gru", "-o", "x", "prose.txt").failed(64, "chartrain: ", "coupled")
}
