// SPDX-License-Identifier: GPL-3.0-or-later

extension RandomAccessCollection where Element: Comparable {
  /// The index of the first element that is not below `bound`, of elements that ascend; the end index if all are.
  package func firstIndex(notBelow bound: Element) -> Index {
    var (low, count) = (startIndex, self.count)
    while count > 0 {
      let middle = index(low, offsetBy: count / 2)
      if self[middle] < bound {
        low = index(after: middle)
        count -= count / 2 + 1
      } else {
        count /= 2
      }
    }
    return low
  }
}
