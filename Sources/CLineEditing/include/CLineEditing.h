// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef CHARTOOLS_CLINEEDITING_H
#define CHARTOOLS_CLINEEDITING_H

#endif
