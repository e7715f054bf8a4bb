"""What stands around the places: bars, menus' commands, help, dialogs, paper, and the end."""
