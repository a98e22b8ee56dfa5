// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import CommandSupport

/// A folder with models in it, which goes away after the test.
private final class ModelFolder {
  let path: String

  init(_ files: [String]) throws {
    path = NSTemporaryDirectory() + "/chartools-models-\(UUID().uuidString)"
    for file in files {
      let url = URL(fileURLWithPath: path + "/" + file)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.utf8).write(to: url)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct ModelPathTests {
  private func folders(_ environment: [String: String], _ executable: String? = nil) -> [String] {
    ModelPath(environment: { environment[$0] }, executable: executable).folders
  }

  @Test func modelsAreKeptWhereTheEnvironmentAndTheProgramSay() {
    #expect(folders([:]) == [])
    #expect(folders(["CHARTOOLS_MODELS": "/a:b::/c"]) == ["/a", "b", "/c"])
    #expect(folders(["HOME": "/home/ada"]) == ["/home/ada/.local/share/chartools/models"])
    #expect(folders(["HOME": "/home/ada", "XDG_DATA_HOME": "/data"]) == ["/data/chartools/models"])
    // The specification of these variables wants relative paths to be ignored.
    #expect(
      folders(["HOME": "/home/ada", "XDG_DATA_HOME": "data"]) == ["/home/ada/.local/share/chartools/models"])
    #expect(folders([:], "/usr/local/bin/charsample") == ["/usr/local/share/chartools/models"])
    #expect(folders([:], "/src/chartools/.build/x86_64/release/charsample") == ["/src/chartools/Models"])
    #expect(folders(["CHARTOOLS_MODELS": "/a", "HOME": "/h"], "/bin/charsample").first == "/a")
  }

  @Test func aNameIsLookedForInOneFolderAfterTheOther() throws {
    let place = try ModelFolder(["one/b.safetensors", "two/b.safetensors", "two/c.safetensors", "two/d"])
    let paths = ModelPath(
      environment: {
        $0 == "CHARTOOLS_MODELS" ? "\(place.path)/none:\(place.path)/one:\(place.path)/two" : nil
      },
      executable: nil)
    #expect(try paths.resolve("b") == place.path + "/one/b.safetensors")
    #expect(try paths.resolve("c") == place.path + "/two/c.safetensors")
    #expect(try paths.resolve("c.safetensors") == place.path + "/two/c.safetensors")
    #expect(try paths.resolve("d") == place.path + "/two/d")
    let error = #expect(throws: ModelPathError.self) { try paths.resolve("e") }
    #expect(error?.reason.contains(place.path + "/none") == true)
    #expect(throws: ModelPathError.self) { try paths.resolve("") }
    #expect(throws: ModelPathError.self) { try paths.resolve(".d") }
    #expect(throws: ModelPathError.self) { try paths.resolve(nil) }
    let names = paths.list()
    #expect(names.map(\.name) == ["b", "c"])
    #expect(names.map(\.path).first == place.path + "/one/b.safetensors")
    #expect(names.first?.size == "one/b.safetensors".utf8.count)
  }

  @Test func whatIsAPathOrAFileHereIsNotLookedFor() throws {
    let paths = ModelPath(environment: { _ in nil }, executable: nil)
    #expect(try paths.resolve("-") == "-")
    #expect(try paths.resolve("./none") == "./none")
    #expect(try paths.resolve("/none/x") == "/none/x")
  }

  @Test func theDefaultIsAModelLikeOthers() throws {
    let place = try ModelFolder(["\(ModelPath.defaultName).safetensors"])
    let paths = ModelPath(environment: { $0 == "CHARTOOLS_MODELS" ? place.path : nil }, executable: nil)
    #expect(try paths.resolve(nil) == "\(place.path)/\(ModelPath.defaultName).safetensors")
  }

  @Test func linksOfThisUserAreFollowedAndThoseOfOthersAreNot() throws {
    let place = try ModelFolder(["real/m.safetensors"])
    try FileManager.default.createDirectory(
      atPath: place.path + "/links", withIntermediateDirectories: true)
    let link = place.path + "/links/m.safetensors"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../real/m.safetensors")
    let paths = ModelPath(
      environment: { $0 == "CHARTOOLS_MODELS" ? place.path + "/links" : nil }, executable: nil)
    #expect(try paths.resolve("m") == link)
    // Only root can give a link away.
    guard geteuid() == 0, lchown(link, 12345, 12345) == 0 else { return }
    let told = "/" + link.split(separator: "/").joined(separator: "/")
    #expect(throws: ModelPathError.foreignLink(told)) { try paths.resolve("m") }
    #expect(paths.list() == [])
  }

  @Test func linksOfOthersAreNotFollowedAboveTheLastFolderEither() throws {
    let place = try ModelFolder(["real/share/models/m.safetensors"])
    let link = place.path + "/home"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "real")
    let paths = ModelPath(
      environment: { $0 == "CHARTOOLS_MODELS" ? link + "/share/models" : nil }, executable: nil)
    #expect(try paths.resolve("m") == link + "/share/models/m.safetensors")
    #expect(paths.list().map(\.name) == ["m"])
    guard geteuid() == 0, lchown(link, 12345, 12345) == 0 else { return }
    let told = "/" + link.split(separator: "/").joined(separator: "/")
    #expect(throws: ModelPathError.foreignLink(told)) { try paths.resolve("m") }
    #expect(paths.list() == [])
  }
}
