// SPDX-License-Identifier: GPL-3.0-or-later
import CommandSupport
import FileSupport

/// Commands about options, models and files, and the list of all commands.
extension PromptSession {
  // MARK: Settings

  var settingLines: String {
    table(
      PromptSettings.options.map { option in
        [option.name, escapingControls(option.value(settings)), option.help]
      })
  }

  func set(_ name: String, _ value: String) throws {
    let option = try PromptSettings.option(name)
    if !value.isEmpty {
      var changed = settings
      try option.set(&changed, value)
      settings = changed
      // The same seed again begins its random numbers again.
      if option.name == "seed" { restartRandomNumbers() }
      if option.name == "repetition-window" { makeGenerator() }
    }
    if value.isEmpty { try screen.say("\(option.name) \(option.value(settings)): \(option.help)") }
  }

  func changeModel(_ name: String) throws {
    guard !name.isEmpty else { throw PromptComplaint("which one? :models lists those with a name") }
    use(try surroundings.load(path(name)))
    try screen.say("\(model.name): \(model.facts)")
  }

  func showModels() throws {
    let entries = surroundings.models()
    guard !entries.isEmpty else { throw PromptComplaint("no models with a name; :model takes a file, too") }
    try screen.say(table(entries.map { [$0.name, "\($0.size / 1000) kB", $0.path] }))
  }

  // MARK: Files

  func save(_ name: String) throws {
    guard !name.isEmpty else { throw PromptComplaint("into which file?") }
    guard !passage.ids.isEmpty else { throw PromptComplaint("nothing was written yet") }
    var text = bytes(passage.ids)
    if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    try AtomicFile.write(to: path(name), overwrite: false) { try $0.write(text) }
    try screen.say("\(name): \(characters(passage.ids.count))")
  }

  func changeTranscript(_ name: String) throws {
    if name.isEmpty {
      guard screen.isRecording else { throw PromptComplaint("into which file?") }
      try screen.record(to: nil)
      try screen.say("no transcript is written any more")
    } else {
      try screen.record(to: path(name))
      try screen.say("all that is shown is added to \(name)")
    }
  }

  static let help: String = {
    let commands = PromptCommand.allCases.map { command in
      [":\(command.rawValue) \(command.argument)", command.help]
    }
    return """
      A line is a seed, and the model goes on from it. An empty line goes on.
      Ctrl-C stops. TAB completes a word as the model would; a second TAB lists
      others, and further ones take them in turn. A line that begins with a colon is
      a command, of which the beginning is enough; :: begins a text with a colon.
      \(table(commands))
      """
  }()
}
