"""The catalogue for people who never see YAML: workbooks out and in, differences, lists of other houses.

Nothing here takes effect by itself: what comes in becomes a `Change`, which is proposed and approved
(`ganzhi.store.revisions`). Refuses what cannot be read exactly, cell by cell.
"""
