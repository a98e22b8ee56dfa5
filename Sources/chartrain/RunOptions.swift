// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import CommandSupport
import Training

/// How long a run is, what it begins with, and how it is kept safe.
struct RunOptions: ParsableArguments {
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "The best model in this time from the start of the program: 60s, 5m, 2h.", valueName: "time"))
  var budget: TimeSpan?

  @Option(
    help: ArgumentHelp(
      "End after so many checks without a lower held-out loss; 0 never does.", valueName: "n"))
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "Write MODEL.checkpoint this often: 30s, 5m, 2h, or a number of updates.", valueName: "often"))
  var checkpointEvery: CheckpointSpacing?

  @Option(
    help: ArgumentHelp(
      "Go on with the run that left this checkpoint; give the same text.", valueName: "file"),
    completion: .file())
  var resume: String?

  @Option(
    help: ArgumentHelp("Begin with this model, a file or a name, instead of new values.", valueName: "model"),
    completion: .model)
  var initFrom: String?

  @Flag(help: "Add the text's new characters to those of the model that --init-from names.")
  var extendCharset = false

  func validate() throws {
    try require(patience, "--patience", within: OptionRange.patience)
    try require(budget?.seconds, "--for", within: OptionRange.budget)
    if extendCharset && initFrom == nil {
      throw ValidationError("--extend-charset needs a model to begin with: --init-from")
    }
    if resume != nil && initFrom != nil {
      throw ValidationError("--resume and --init-from exclude each other")
    }
  }

  /// The options given that a run being resumed has decided already.
  var decided: [(String, Bool)] {
    [("--for", budget != nil), ("--patience", patience != nil), ("--extend-charset", extendCharset)]
  }
}
