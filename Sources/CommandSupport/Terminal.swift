// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// When to use colour, as in `--color=auto`.
public enum ColorChoice: String, WordChoice, Sendable {
  /// On a terminal that can show it, unless `NO_COLOR` is set.
  case auto
  /// In files and pipes, too.
  case always
  /// Nowhere.
  case never
}

/// What is known about the terminal behind a descriptor, if there is one.
public struct Terminal {
  /// The descriptor asked about.
  public let descriptor: Int32
  private let environment: (String) -> String?

  /// Asks about a descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: an open descriptor.
  ///   - environment: looks up an environment variable.
  public init(descriptor: Int32, environment: @escaping (String) -> String? = Self.processEnvironment) {
    self.descriptor = descriptor
    self.environment = environment
  }

  /// Looks up a variable in the environment of this process.
  public static func processEnvironment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Whether the descriptor leads to a terminal.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The number of columns; nil when there is no terminal or it does not tell.
  public var width: Int? {
    let width = Int(chartools_terminal_width(descriptor))
    return width > 0 ? width : nil
  }

  /// Whether there is a terminal that can move its cursor and erase.
  public var understandsEscapes: Bool {
    isTerminal && environment("TERM") != "dumb"
  }

  /// Whether the locale says that text on the terminal is UTF-8; without a locale it is taken to be ASCII.
  public var showsUTF8: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty } ?? ""
    let codeset = locale.split(separator: "@", maxSplits: 1).first?.split(separator: ".").dropFirst().first
    return ["utf-8", "utf8"].contains(codeset?.lowercased())
  }

  /// Whether to use colour.
  ///
  /// A set, non-empty `NO_COLOR` is respected by `auto` and overruled by `always`.
  public func showsColor(_ choice: ColorChoice) -> Bool {
    switch choice {
    case .always: true
    case .never: false
    case .auto: understandsEscapes && (environment("NO_COLOR") ?? "").isEmpty
    }
  }
}
