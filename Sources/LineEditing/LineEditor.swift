// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

#if os(Linux)
  import CLineEditing
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What stands before a line that is typed.
public struct LinePrompt: Equatable, Sendable {
  /// What people read.
  public var text: String
  /// An escape sequence before the text, which takes no room.
  public var before: String
  /// An escape sequence behind the text, which takes no room and may leave a style for what is typed.
  public var after: String

  /// A prompt; the escape sequences are for terminals that understand them.
  public init(_ text: String, before: String = "", after: String = "") {
    self.text = text
    self.before = before
    self.after = after
  }
}

/// What came of asking for a line.
public enum LineEvent: Equatable, Sendable {
  /// A line, without the newline that ended it; it may hold others that were pasted.
  case line([UInt8])
  /// A signal came that the caller wants to see; what was typed is gone.
  case interrupted
  /// There are no more lines.
  case end
}

/// What the completion key does to the line under way.
public enum LineCompletion: Equatable, Sendable {
  /// Nothing.
  case nothing
  /// Puts bytes in the place of others, given by their place in the line; the cursor goes behind them.
  case replacement(Range<Int>, with: [UInt8])
  /// Shows lines below the line; the text ends in a newline.
  case list(String)
}

/// Lines that people type: with editing, history and completion at a terminal, and as they come elsewhere.
///
/// There is one such editor in a process at most, and one thread uses it.
public final class LineEditor {
  /// How lines are taken.
  public enum Style: Sendable {
    /// With GNU readline, shown on this descriptor, 1 or 2; where there is no readline, as with `plain`.
    case edited(shownOn: Int32, escapes: Bool)
    /// As they come, the prompt being shown on this descriptor if there is one.
    case plain(promptOn: Int32?)
  }

  /// Called with the line, the place of the cursor in it and how often in a row the completion key was pressed.
  public typealias Completer = (_ line: [UInt8], _ point: Int, _ presses: Int) -> LineCompletion

  /// Whether the cursor stays behind a line that was accepted, so that something can follow right there.
  public let leavesLineOpen: Bool

  private let isInterrupted: @convention(c) () -> Bool
  private let completer: Completer
  private let plain: PlainLineReader?

  /// The most lines that the arrow keys bring back.
  private static let mostRemembered = 1000

  /// An editor of lines from standard input.
  ///
  /// - Parameters:
  ///   - name: what the user's own settings for readline call the program.
  ///   - style: how lines are taken.
  ///   - isInterrupted: asked after each signal whether `next` shall return `interrupted`.
  ///   - completer: what the completion key does; not called where lines are not edited.
  public init(
    name: StaticString, style: Style, isInterrupted: @escaping @convention(c) () -> Bool,
    completer: @escaping Completer
  ) {
    self.isInterrupted = isInterrupted
    self.completer = completer
    #if os(Linux)
      if case .edited(let descriptor, let escapes) = style {
        plain = nil
        leavesLineOpen = true
        name.withUTF8Buffer { name in
          // A static string is never freed, which readline relies on.
          name.withMemoryRebound(to: CChar.self) { cle_prepare($0.baseAddress, descriptor, escapes) }
        }
        return
      }
    #endif
    leavesLineOpen = false
    switch style {
    case .edited(let descriptor, _): plain = PlainLineReader(promptOn: descriptor, isInterrupted)
    case .plain(let descriptor): plain = PlainLineReader(promptOn: descriptor, isInterrupted)
    }
  }

  /// Waits for the next line.
  ///
  /// - Throws: `FileError` with the operation `read`.
  public func next(_ prompt: LinePrompt) throws(FileError) -> LineEvent {
    if let plain { return try plain.next(prompt) }
    #if os(Linux)
      return try edited(prompt)
    #else
      return .end
    #endif
  }

  /// Makes the arrow keys bring back a line, as the latest.
  public func remember(_ line: [UInt8]) {
    guard plain == nil, !line.isEmpty, !line.contains(0) else { return }
    #if os(Linux)
      (line + [0]).withUnsafeBytes { bytes in
        cle_remember(bytes.bindMemory(to: CChar.self).baseAddress, Int32(Self.mostRemembered))
      }
    #endif
  }

  #if os(Linux)
    private func edited(_ prompt: LinePrompt) throws(FileError) -> LineEvent {
      func invisible(_ sequence: String) -> String { sequence.isEmpty ? "" : "\u{1}\(sequence)\u{2}" }
      let shown = invisible(prompt.before) + prompt.text + invisible(prompt.after)
      cle_set_completer(completeLine, Unmanaged.passUnretained(self).toOpaque())
      defer { cle_set_completer(nil, nil) }
      var typed: UnsafeMutablePointer<CChar>?
      let outcome = cle_read_line(shown, isInterrupted, &typed)
      if outcome == CLE_FAILED { throw FileError("stdin", .read, code: errno) }
      defer { free(typed) }
      guard let typed else { return outcome == CLE_INTERRUPTED ? .interrupted : .end }
      return .line(bytes(of: typed))
    }

    fileprivate func complete(_ line: [UInt8], _ point: Int, _ presses: Int) {
      switch completer(line, point, presses) {
      case .nothing: break
      case .replacement(let range, let text):
        (text.filter { $0 != 0 } + [0]).withUnsafeBytes { text in
          cle_replace(
            Int32(range.lowerBound), Int32(range.upperBound), text.bindMemory(to: CChar.self).baseAddress)
        }
      case .list(let text): cle_show(text)
      }
    }
  #endif
}

#if os(Linux)
  /// The completion key, as readline calls it.
  private func completeLine(
    context: UnsafeMutableRawPointer?, line: UnsafePointer<CChar>?, point: Int32, presses: Int32
  ) {
    guard let context, let line else { return }
    Unmanaged<LineEditor>.fromOpaque(context).takeUnretainedValue()
      .complete(bytes(of: line), Int(point), Int(presses))
  }

  private func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
    [UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }
#endif
