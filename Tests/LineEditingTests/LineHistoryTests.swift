// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import LineEditing

/// A fresh folder as the state folder of a user.
private final class Home {
  let path = NSTemporaryDirectory() + "history-" + UUID().uuidString

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func history(_ variables: [String: String]? = nil) -> LineHistory? {
    let variables = variables ?? ["XDG_STATE_HOME": path]
    return LineHistory(folder: "chartools", name: "lines") { variables[$0] }
  }

  func mode(_ name: String) throws -> Int {
    let facts = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
    return try #require(facts[.posixPermissions] as? Int)
  }
}

@Suite struct LineHistoryTests {
  @Test func linesComeBackInTheNextSessionAsTheyWereTyped() throws {
    let home = try Home()
    let lines = ["The king", "two\nlines", "a \\ and a \\n", "größer", ":set top-k 5"].map { Array($0.utf8) }
    for line in lines { try #require(home.history()).append(line) }
    #expect(home.history()?.lines() == lines)
  }

  @Test func folderAndFileAreTheUsersAlone() throws {
    let home = try Home()
    let history = try #require(home.history(["HOME": home.path]))
    history.append([0x61])
    #expect(history.path == home.path + "/.local/state/chartools/lines")
    #expect(try home.mode(".local/state/chartools") == 0o700)
    #expect(try home.mode(".local/state/chartools/lines") == 0o600)
  }

  @Test func withoutAHomeThereIsNoHistory() throws {
    let home = try Home()
    #expect(home.history([:]) == nil)
    #expect(home.history(["HOME": "", "XDG_STATE_HOME": ""]) == nil)
    #expect(home.history(["XDG_STATE_HOME": "relative"]) == nil)
    #expect(home.history(["HOME": home.path + "/missing"]) == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == [])
  }

  @Test func aFolderThatOthersCanWriteToIsNotUsed() throws {
    let home = try Home()
    let folder = home.path + "/chartools"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (mode, isUsed) in [(0o700, true), (0o755, true), (0o770, false), (0o777, false)] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder)
      #expect((home.history() != nil) == isUsed, "mode \(String(mode, radix: 8))")
    }
  }

  @Test func aLinkInThePlaceOfTheFileIsNotFollowed() throws {
    let home = try Home()
    let history = try #require(home.history())
    let target = home.path + "/target"
    try Data("private\n".utf8).write(to: URL(fileURLWithPath: target))
    try FileManager.default.createSymbolicLink(atPath: history.path, withDestinationPath: target)
    history.append([0x61])
    #expect(history.lines() == [])
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "private\n")
  }

  @Test func anotherUsersLinkInThePlaceOfTheFolderIsNotFollowed() throws {
    let home = try Home()
    let target = home.path + "/mine"
    try FileManager.default.createDirectory(
      atPath: target, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let link = home.path + "/chartools"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    #expect(home.history() != nil)
    // Only the superuser can give a link away.
    guard lchown(link, 4242, 4242) == 0 else { return }
    #expect(home.history() == nil)
  }

  @Test func anotherUsersLinkAboveTheFolderIsNotFollowedNorAnythingMadeBehindIt() throws {
    let home = try Home()
    let target = home.path + "/mine"
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    let link = home.path + "/.local"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    // Only the superuser can give a link away.
    guard lchown(link, 4242, 4242) == 0, geteuid() == 0 else { return }
    #expect(home.history(["HOME": home.path]) == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: target) == [])
    #expect(lchown(link, 0, 0) == 0)
    #expect(home.history(["HOME": home.path]) != nil)
  }

  @Test func theFileIsCutWhenItHasGrownToTwiceItsBound() throws {
    let home = try Home()
    let history = try #require(home.history())
    let count = 2 * LineHistory.limit
    for number in 0..<count { history.append(Array("line \(number)".utf8)) }
    #expect(history.lines().count == LineHistory.limit)
    #expect(try String(contentsOfFile: history.path, encoding: .utf8).split(separator: "\n").count == count)
    history.append(Array("last".utf8))
    #expect(history.lines().last == Array("last".utf8))
    let kept = try String(contentsOfFile: history.path, encoding: .utf8).split(separator: "\n")
    #expect(kept.count == LineHistory.limit)
    #expect(kept.first == "line \(count + 1 - LineHistory.limit)")
    #expect(try home.mode("chartools/lines") == 0o600)
  }

  @Test func aLineThatIsNoLineIsNotKept() throws {
    let home = try Home()
    let history = try #require(home.history())
    history.append([])
    history.append([UInt8](repeating: 0x61, count: 100_000))
    #expect(history.lines() == [])
  }
}
