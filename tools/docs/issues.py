"""Reference page: every issue the program can report, from the message files, in both languages."""

from __future__ import annotations

from ganzhi.base.messages import catalogue
from tools.docs.markdown import page, table

AREAS = {
    "ACC": "Access / 访问与账号",
    "ANA": "Further analyses / 扩展分析",
    "API": "API / 接口",
    "ASK": "Free questions / 即席查询",
    "CAS": "Case library / 案例库",
    "CAT": "Catalogue / 指标字典",
    "CFG": "Settings / 设置",
    "CLI": "Command line / 命令行",
    "CMP": "Compiling / 编译",
    "CRP": "Reports of complaints / 投诉报告",
    "DSK": "Complaint desk / 投诉处理台",
    "FLW": "Flows / 流程",
    "FND": "Findings / 预警与问题",
    "HIS": "Earlier tickets and reports / 早期工单与报告",
    "HOT": "Hot spots / 热点",
    "IMP": "Importing / 导入",
    "ING": "Loading / 装入",
    "IVR": "Voice menu / 语音菜单",
    "KNW": "Knowledge / 知识沉淀",
    "MEA": "Measuring / 计算",
    "POR": "Pages / 网页",
    "REC": "Records / 清单",
    "REQ": "Requests / 请求",
    "STO": "Store / 存储",
    "STR": "Streams / 实时数据流",
    "TKT": "Tickets / 工单",
    "TRC": "Traces / 业务轨迹",
    "TXT": "Texts / 文本识别",
    "WHS": "Warehouse / 数据仓",
    "WRN": "Warning / 预警",
}


def issues_page() -> str:
    """All codes by area, with cause and remedy."""
    zh, en = catalogue("zh"), catalogue("en")
    codes = sorted({key.split(".")[1] for key in zh if key.startswith("issue.")})
    areas = sorted({code[:3] for code in codes})
    intro = (
        "A message begins with one of these codes, followed by file and line. Words in braces are filled in.\n"
        "信息以编号开头，后面是文件和行号；花括号中的词在显示时填入。"
    )
    blocks = []
    for area in areas:
        rows = [
            (
                f"`{code}`",
                f"{en[f'issue.{code}.cause']} {en[f'issue.{code}.remedy']}",
                f"{zh[f'issue.{code}.cause']}{zh[f'issue.{code}.remedy']}",
            )
            for code in codes
            if code.startswith(area)
        ]
        blocks.append(f"## {AREAS[area]}\n\n{table(['code', 'cause and remedy', '原因与处理'], rows)}")
    return page("Issues", intro, *blocks)
