// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

@testable import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `real/deep/file`, and links that lead there.
private final class Links {
  let folder: TemporaryFolder
  /// The folder's path as the links on it are told.
  let path: String
  /// Who asks: somebody to whom links of `stranger` are another user's.
  let user: uid_t
  private let isRoot = geteuid() == 0

  init() throws {
    folder = try TemporaryFolder()
    path = "/" + folder.path.split(separator: "/").joined(separator: "/")
    user = isRoot ? 0 : geteuid()
    try FileManager.default.createDirectory(
      atPath: path + "/real/deep", withIntermediateDirectories: true)
    _ = try folder.file("real/deep/file", holding: "text")
  }

  /// A link of this user's, or of another's: only root can give one away, so others ask as somebody else.
  func link(_ name: String, to target: String, isForeign: Bool = false) throws {
    try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
    if isForeign && isRoot { try #require(lchown(path + "/" + name, 4242, 4242) == 0) }
  }

  func first(_ name: String, asStranger: Bool = false) -> String? {
    let found = ForeignLink.first(on: path + "/" + name, user: asStranger && !isRoot ? user + 1 : user)
    return found.map { String($0.dropFirst(path.count + 1)) }
  }
}

@Suite struct ForeignLinkTests {
  @Test func ownLinksAreNoneOfAnothers() throws {
    let links = try Links()
    try links.link("own", to: "real")
    try links.link("real/absolute", to: links.path + "/real/deep")
    for name in [
      "real/deep/file", "own/deep/file", "own/absolute/file", "none/file", "own/../own/./deep//file",
    ] {
      #expect(links.first(name) == nil, "\(name)")
    }
  }

  @Test(arguments: [
    ("real/last", "deep/file", "real/last", "real/last"),
    ("folder", "real", "folder/deep/file", "folder"),
    ("real/middle", "deep", "real/middle/file", "real/middle"),
    ("real/to-nothing", "none", "real/to-nothing", "real/to-nothing"),
  ])
  func anothersLinkIsSeenAnywhereOnTheWay(link: String, target: String, way: String, found: String) throws {
    let links = try Links()
    try links.link(link, to: target, isForeign: true)
    #expect(links.first(way, asStranger: true) == found)
    #expect(links.first("real/deep/file", asStranger: true) == nil)
  }

  @Test func anothersLinkIsSeenBehindOnesOwn() throws {
    let links = try Links()
    try links.link("foreign", to: "real", isForeign: true)
    try links.link("own", to: "real/../foreign/deep")
    // Whose the first one is cannot be told apart without root's rights.
    let isRoot = geteuid() == 0
    #expect(links.first("own/file", asStranger: true) == (isRoot ? "real/../foreign" : "own"))
  }

  @Test func aRingOfLinksComesToAnEnd() throws {
    let links = try Links()
    try links.link("a", to: "b")
    try links.link("b", to: "a")
    #expect(links.first("a/file") == nil)
  }

  @Test func relativePathsBeginInTheCurrentFolder() {
    #expect(ForeignLink.first(on: "no such folder/file") == nil)
    #expect(ForeignLink.first(on: "") == nil)
  }
}
