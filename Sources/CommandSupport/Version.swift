// SPDX-License-Identifier: GPL-3.0-or-later

/// The release all programs belong to.
public enum Version {
  /// As in the changelog.
  public static let number = "0.1.0"
  /// What `--version` prints.
  ///
  /// - Parameter level: the instruction set that the program computes with on this machine; nil for a program that
  ///   computes nothing.
  public static func line(_ program: String, level: String? = nil) -> String {
    """
    \(program) (chartools) \(number)
    License GPL-3.0-or-later: https://www.gnu.org/licenses/gpl-3.0.html
    """ + (level.map { "\nCPU level: \($0)" } ?? "")
  }
}
