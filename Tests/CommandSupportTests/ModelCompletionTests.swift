// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

@testable import CommandSupport

@Test func aModelIsCompletedByNamesAndByFiles() throws {
  let folder = NSTemporaryDirectory() + "/completion-\(UUID().uuidString)/"
  try FileManager.default.createDirectory(atPath: folder + "songs", withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  for file in ["sonnets.safetensors", "sonnets.txt", ".secret.safetensors", "songs/a.safetensors"] {
    try Data().write(to: URL(fileURLWithPath: folder + file))
  }
  func candidates(_ typed: String) -> [String] {
    ModelCompletion.candidates(typed, models: ["shakespeare", "songs"], folderMark: "/")
  }
  #expect(candidates("sh").first == "shakespeare")
  #expect(candidates("x").isEmpty)
  // A model's name is no path; other files are no models; folders are ways to some.
  #expect(candidates(folder) == ["songs/", "sonnets.safetensors"].map { folder + $0 })
  #expect(candidates(folder + "sonn") == [folder + "sonnets.safetensors"])
  #expect(candidates(folder + "songs/") == [folder + "songs/a.safetensors"])
  #expect(candidates(folder + ".") == [folder + ".secret.safetensors"])
}
