// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport
import FileSupport
import ModelFile

struct Average: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make one model of several: the mean of each parameter.",
    discussion: """
      The models must have the same characters and layers. The mean of models that were trained from one beginning is \
      a model; that of others is noise.
      """)

  @Option(help: ArgumentHelp("How much each model counts; else all count alike.", valueName: "w,w,…"))
  var weights: Weights?

  @OptionGroup var output: OutputOptions

  @Argument(help: ArgumentHelp("Two or more models.", valueName: "model"), completion: .model)
  var models: [String]

  func validate() throws {
    if models.count < 2 { throw ValidationError("a mean takes two models or more") }
    if models.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input cannot be read twice") }
    if let weights, weights.values.count != models.count {
      throw ValidationError("\(weights.values.count) weights for \(models.count) models: give one for each")
    }
  }

  func run() throws {
    try output.refuseTerminal("a model is")
    let folders = ModelPath()
    let all = try models.map { try ModelReader.read(path: folders.resolve($0)) }
    let mean: Model
    do {
      mean = try Model.average(all, weights: weights?.values ?? all.map { _ in 1 })
    } catch {
      var mismatch = error
      mismatch.place = models[mismatch.index]
      throw mismatch
    }
    try output.write { try ModelWriter.write(mean, to: $0) }
  }
}

/// `1,2,0.5`: how much each of some models counts; none is negative, and one at least is not zero.
struct Weights: ExpressibleByArgument {
  let values: [Double]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    values = parts.compactMap { $0 }
    guard values.count == parts.count, values.allSatisfy({ (0...1e9).contains($0) }),
      values.contains(where: { $0 > 0 })
    else { return nil }
  }
}
