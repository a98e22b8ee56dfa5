// SPDX-License-Identifier: GPL-3.0-or-later

/// The release all programs belong to.
public enum Version {
  /// As in the changelog.
  public static let number = "0.1.0"
  /// What `--version` prints.
  public static func line(_ program: String) -> String {
    """
    \(program) (chartools) \(number)
    License GPL-3.0-or-later: https://www.gnu.org/licenses/gpl-3.0.html
    """
  }
}
