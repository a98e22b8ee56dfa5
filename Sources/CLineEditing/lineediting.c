// SPDX-License-Identifier: GPL-3.0-or-later
#include "CLineEditing.h"

typedef int translation_units_hold_something;
