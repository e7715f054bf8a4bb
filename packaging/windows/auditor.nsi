; Installs the frozen folder for the user who runs it, with a menu entry and the type of .audit files.
;   makensis -DVERSION=0.1.0 -DFOLDER=..\..\dist\auditor packaging\windows\auditor.nsi
Unicode true
!include "MUI2.nsh"
!ifndef VERSION
  !error "Give the version: -DVERSION=0.1.0"
!endif
!ifndef FOLDER
  !error "Give the frozen folder: -DFOLDER=..\..\dist\auditor"
!endif
Name "Auditor"
OutFile "auditor-${VERSION}-setup.exe"
InstallDir "$LOCALAPPDATA\Programs\Auditor"
RequestExecutionLevel user
SetCompressor /SOLID lzma

!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Spanish"

LangString AuditType ${LANG_ENGLISH} "Audit of a WhatsApp invoice"
LangString AuditType ${LANG_SPANISH} "Auditoría de una factura de WhatsApp"

; What the bundle consists of, by name: the folder is the user's choice, and may hold files of theirs.
!macro RemoveProgram
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licenses"
  Delete "$INSTDIR\auditor.exe"
  Delete "$INSTDIR\auditorw.exe"
  Delete "$INSTDIR\THIRD-PARTY.txt"
!macroend

; Let Explorer see at once that the type of .audit files has changed: SHCNE_ASSOCCHANGED.
!macro TellExplorer
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend

Section
  !insertmacro RemoveProgram
  SetOutPath "$INSTDIR"
  File /r "${FOLDER}\*"
  CreateShortcut "$SMPROGRAMS\Auditor.lnk" "$INSTDIR\auditorw.exe"
  WriteRegStr HKCU "Software\Classes\.audit" "" "Auditor.Audit"
  WriteRegStr HKCU "Software\Classes\Auditor.Audit" "" "$(AuditType)"
  WriteRegStr HKCU "Software\Classes\Auditor.Audit\DefaultIcon" "" "$INSTDIR\auditorw.exe,0"
  WriteRegStr HKCU "Software\Classes\Auditor.Audit\shell\open\command" "" '"$INSTDIR\auditorw.exe" "%1"'
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\Auditor" "DisplayName" "Auditor"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\Auditor" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\Auditor" "DisplayIcon" "$INSTDIR\auditorw.exe"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\Auditor" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteUninstaller "$INSTDIR\uninstall.exe"
  !insertmacro TellExplorer
SectionEnd

Section "Uninstall"
  !insertmacro RemoveProgram
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Auditor.lnk"
  DeleteRegKey HKCU "Software\Classes\.audit"
  DeleteRegKey HKCU "Software\Classes\Auditor.Audit"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\Auditor"
  !insertmacro TellExplorer
SectionEnd
