"""Topics of messages, network, products, market and service (second half), and all topics together."""

from __future__ import annotations

from typing import Final

from ganzhi.province.complaints.texts.topics import TOPICS_PLANS_AND_MONEY, Topic
from ganzhi.province.feelings import Felt

_TOPICS_SERVICE: Final[tuple[Topic, ...]] = (
    Topic("sms_wrong", "sms_content", "support", "order_reminder", ("messaging",), "other", 1.0, 0.45, 0.02, (
        "[提醒|通知]短信[写|发]的[金额|数字]不对", "[收到|来]条短信说[欠|用了]{元}，[实际|查了]没有",
        "短信[内容|里][看不懂|自相矛盾]", "[到期|生效][日期|时间]在短信里[写|发]错", "短信里[叫|称呼]的是别人[名字|]",
        "[二次确认|确认]短信[没写|看不出][价钱|收多少]",
    )),
    Topic("sms_quota", "sms_content", "support", "data_threshold_reminder", ("mobile_internet", "messaging"),
          "data", 0.9, 0.45, 0.02, (
        "流量提醒[说|]剩[30|200]M，[网上|掌厅]查[却|]是[超了|零]", "[提醒|告知]的[剩余|已用][流量|分钟][不准|前后不一]",
        "[一会|先]说[用完|超]一会[又说|说]还有[，到底哪个对|]", "[免费资源|套餐余量]短信[算|报]错",
    )),
    Topic("sms_ad_text", "sms_content", "tariffs", "promotion_order", ("messaging",), "other", 0.8, 0.35, 0.03, (
        "[短信|上面]写[的|]免费，[点进去|回了]要钱", "短信[说|讲]送{元}，[去厅里|到店]说没有",
        "[链接|网址]打[不开|开是别的]", "短信用词[不雅|吓人|像诈骗]",
        "[活动|抽奖]短信[内容|]含糊，[看不明白|没说到哪天]",
    )),
    Topic("notice_late", "sms_late", "billing", "low_balance_reminder", ("messaging",), "bill", 1.0, 0.55, 0.03, (
        "[余额不足|没钱]的提醒[来晚|第二天才来]", "[提醒|短信]{久}以后才[到|收到]", "[余额|话费]快没了[也不|没人]提醒",
        "[话费|低余额]提醒[半夜|凌晨]才[发|到]", "[充值|交费]到账的[短信|通知]隔[天|{久}]才来",
    ), True),
    Topic("suspended_unwarned", "sms_late", "billing", "arrears_suspension", ("messaging",), "bill", 1.1, 0.50, 0.03, (
        "停[机|]前[一个|一条]通知都没[有|收到]", "[没|不]打招呼就停[机|了]，[事先|]没短信", "欠费[停机|停]提醒根本没发",
        "停[机|]了[才|以后才]来[提醒|短信]", "[要|应该]提前[三天|]通知再停，[这次|]没[收到|通知]",
    ), True),
    Topic("code_late", "sms_late", "support", "order_reminder", ("messaging",), "other", 1.4, 0.40, 0.12, (
        "[验证码|动态码|校验码][收不到|{久}才来]", "[银行|网银]的[验证码|短信]老[收不到|晚到]",
        "别人发的短信[隔天|{久}后]才[收到|到]", "短信[发出去|]对方[没收到|收到三遍]", "[彩信|图片]收[不下来|不到]",
        "同[一|样]条短信[重复|收]了{次}",
    )),
    Topic("quota_late", "sms_late", "support", "data_threshold_reminder", ("mobile_internet",), "data", 0.8,
          0.50, 0.02, (
        "流量[超|用完]了才[提醒|来短信]", "[80%|超量]提醒没[发|来]，[跑|超]了{元}", "[套餐|业务]到期[没|不]提醒[就续|]",
        "[生效|变更]提醒[漏|没]发",
    )),
    Topic("spammed", "sms_source", "products", "service_order", ("messaging",), "other", 2.0, 0.25, 0.55, (
        "天天收[垃圾|广告|卖房]短信，[不知|]哪来的", "[一天|一晚]{次}[推销|发票|贷款]信息[骚扰|轰炸]",
        "106[开头|号段]的[信息|广告][烦死|删不完]", "[没留过|没给过]号码，[房产|保险|培训]怎么[有|知道]我的",
        "[退订|回T]了还[发|来]", "[陌生|不明]号[发|群发]的[中奖|赌博][信息|内容]",
        "[拦截|屏蔽]不掉，[号码|端口][天天|]换",
    ), True),
    Topic("own_ads", "sms_source", "tariffs", "promotion_order", ("messaging",), "other", 0.9, 0.50, 0.10, (
        "[你们|移动]自己[的|]广告[太多|一天好几条]", "[要求|说了]不要[再|]发推广，[还|照]发",
        "10086[一直|老]推送[活动|业务]", "[半夜|凌晨]{时}还[发|推]活动信息",
        "这[信息|通知]是不是[你们|官方]发的，[来路|真假]不明",
    )),
    Topic("call_spam", "sms_source", "products", "service_order", ("voice",), "voice", 0.6, 0.15, 0.60, (
        "[响一声|骚扰]电话[一天|]{次}", "[自称|冒充]移动[客服|积分中心]发[链接|信息]",
        "收到[积分换现金|冒充银行]的[链接|诈骗信息]", "[伪基站|假10086][发|]来的[，|]差点[上当|被骗]",
        "[个人信息|号码][泄露|被卖]了，[各种|]推销",
    )),
    Topic("voice_noise", "network_voice", "network", "realtime_charging", ("voice",), "voice", 1.6, 0.35, 0.08, (
        "通话[有|]杂音[听不清|]", "[打|接]电话[断断续续|一卡一卡]", "电话[讲|说]着[说着|]就断[线|了]",
        "对方[听不到|听不见]我[说话|声音]", "[回声|电流声]{蛮}大", "[单通|串线]，[能听到别人讲话|那头没声音]",
        "[接通|讲]半分钟[掉|自动挂]",
    )),
    Topic("voice_setup", "network_voice", "network", "realtime_charging", ("voice",), "voice", 1.1, 0.35, 0.08, (
        "[打|拨]出去[老|总]提示[网络忙|无法接通]", "[人家|{人}]打[进来|我]说[不在服务区|关机]，[其实|]开着",
        "拨{次}[才|]通一次", "打[固话|座机|{竞}的号]打不通", "[电话|与外网]联通不了，[嘟|响]一声就[挂|断]",
    )),
    Topic("data_slow", "network_data", "network", "realtime_charging", ("mobile_internet",), "data", 1.9, 0.35, 0.05, (
        "[上网|手机网]慢[得像蜗牛|死了]", "[3G|2G|E网]网速[几K|只有一点点]", "[网页|微信|QQ][打不开|转半天]",
        "[晚上|高峰]上网卡", "[看|刷]个[视频|网页]缓冲[半天|老久]", "[联|连]上了[就是|]没[网速|流量走]",
    )),
    Topic("data_drop", "network_data", "network", "realtime_charging", ("mobile_internet", "wlan"), "data",
          1.2, 0.35, 0.06, (
        "[上网|数据][老|频繁]掉线", "3G[自动|老是]跳[到|回]2G", "[接入点|APN]设了[还|也]上不去",
        "[WLAN|热点]连[不上|上没网]", "[游戏|QQ]{次}[断开|重连]", "数据[连接|网络]{突}[断|没]了",
    )),
    Topic("network_poor", "network_coverage", "network", "realtime_charging", ("voice",), "voice", 1.8, 0.35, 0.05, (
        "{地}[这边|一带]{突}没信号", "[手机|]在{地}只有[一格|半格]", "[整个|全]{地}都[没信号|打不了]",
        "{日}起[家里|单位]信号[没|差]了", "[附近|这片]基站[坏|关]了[吧|]，[都|]不[通|能打]",
        "在{地}[没|搜不到]网，走[出去|远]才[好|有]",
    ), True),
    Topic("indoor", "network_coverage", "network", "realtime_charging", ("voice", "mobile_internet"), "voice",
          1.4, 0.30, 0.10, (
        "[房间|卧室|客厅]里[没|收不到]信号", "[地下|车]库[一进去|]就没[网|格]", "[电梯|楼道][里|]不[通|能接]",
        "[新|]小区[高层|12楼]信号[弱|飘]", "要[跑|站]到[阳台|窗边]才[能打|有格]", "[厂房|商场|宿舍]里面[全是|]盲区",
    )),
    Topic("rural", "network_coverage", "network", "realtime_charging", ("voice",), "voice", 0.9, 0.35, 0.05, (
        "[村|山]里[从来|一直]没信号", "[高速|隧道|山路]上一段[没格|断]", "[村口|镇上]的塔[拆|撤]了以后[就差|没网]",
        "[海边|岛上]收[不到|的是对岸的]", "[什么时候|能不能]在{地}[建|加]个基站",
    )),
    Topic("broadband_down", "product_quality", "products", "service_order", ("home_broadband",), "broadband",
          1.9, 0.45, 0.12, (
        "宽带[断|上不去]了{久}", "宽带拨号[报|出]错[691|678]", "[猫|光猫]的灯[红|不亮|闪]",
        "宽带[连|联通]不上，[师傅|维修]没来", "[家里|店里]的网[全|]断[了|]", "[光纤|线]被挖断[了|]，{久}没[修|人来]",
        "[报|喊]修{久}[没|不]上门",
    ), True),
    Topic("broadband_slow", "product_quality", "products", "service_order", ("home_broadband",), "broadband",
          1.2, 0.35, 0.08, (
        "[4M|10M]宽带[测|下]出来只有[1M|几十K]", "宽带[晚上|八点后]卡[得|]要命", "[打|玩]游戏延迟[高|跳]",
        "[路由|无线]老[掉|断]", "[电视|点播][马赛克|停顿]", "装[的|]宽带达不到[说的|合同]速率",
    )),
    Topic("handset", "product_quality", "products", "promotion_order", ("mobile_internet", "voice"), "other",
          1.0, 0.20, 0.50, (
        "[合约|送的]手机[用|买]{久}就[坏|黑屏]", "[定制|送的]机[自动|老]重启", "[SIM卡|卡]老[读不出|坏]",
        "[送修|返厂]{久}没[拿|修]回", "[电池|充电器]发烫[膨胀|]", "上网卡[插|][电脑|笔记本]不认",
    )),
    Topic("reading", "product_quality", "products", "sp_service_order", ("mobile_reading", "mobile_video",
          "lbs", "info_12580"), "value_added", 0.8, 0.35, 0.30, (
        "{品}内容[陈旧|跟介绍不一样]", "{品}[定位|查到]的[地址|信息]是错的", "{品}更新[慢|停了]",
        "{品}[广告多|画面模糊]，[质量差|不值这个价]", "{品}[报|推]的[天气|路况|内容]不准",
    )),
    Topic("offer_confused", "marketing", "tariffs", "plan_order", ("voice", "mobile_internet"), "plan", 1.6,
          0.45, 0.05, (
        "[外呼|推销]说[免费|不加钱]，[办|升]完[涨|多]了{元}", "[没讲|不说]清[要|]绑[两年|24个月]",
        "推荐的套餐跟[说|讲]的[两回事|不一样]", "[打电话|上门]来[忽悠|骗]{人}换[了|]套餐",
        "[客服|营销]讲[送|返]{元}，[条件|限制][只字不提|没说]", "以为是[送|赠]的，[原来|结果]要[承诺|存]{元}",
        "[口头|电话里]答应的[优惠|活动]不[认|算]",
    ), True),
    Topic("promo_gift", "marketing", "tariffs", "promotion_order", ("voice",), "other", 1.5, 0.40, 0.10, (
        "存[话费|{元}]送[的|][油|手机|礼品]没[拿到|给]", "[宣传单|海报]上[有|写的]，[去了|到{厅}]说[没货|名额满]",
        "活动[没到期|还在]就[停|取消]了", "[返|赠]的[话费|{元}]只返[了|]{次}",
        "参加[不了|活动]，说[我|本号]不符合[，没道理|]", "[退出|解约]要[赔|违约金]{元}",
    )),
    Topic("forced_bundle", "marketing", "tariffs", "promotion_order", ("home_broadband", "mobile_internet"),
          "plan", 0.8, 0.50, 0.08, (
        "[强制|硬性]搭[售|配]", "[不|必须]办[这个|]就不给[装|开]", "[虚假|夸大]宣传", "[靓号|合约]偷偷[加|签]低消",
        "[误导|骗]老人签字", "[无限|不限]量，[实际|]到数就[降|收费]",
    )),
    Topic("treated_rudely", "service_attitude", "hotline", "enquiry_service", (), "other", 1.1, 0.50, 0.02, (
        "{客}[说话|语气][冲|凶|不耐烦]", "[没|话没]说完{客}就挂[了|电话]", "{客}[反问|顶撞|教训]我",
        "[问|讲]两句{客}就[嫌烦|叹气]", "{客}[阴阳怪气|爱理不理]", "工号[报也不报|不肯给]，[还|]骂人",
        "{客}叫我[自己看|爱用不用]",
    ), True),
    Topic("rude_hall", "service_attitude", "hall", "enquiry_service", (), "other", 1.1, 0.50, 0.05, (
        "{厅}里的[人|小姑娘][板|黑]着脸", "{客}[聊天|玩手机]不理[人|我]", "{客}[扔|甩]证件",
        "[保安|门口]把[我|{人}][推|赶]出[来|去]", "[穿得旧|老人]就[看不起|不睬]", "{客}当众[讲|说]我[没钱|乱讲]",
        "{厅}[提前|没到点]关门，[求|敲]也不[开|理]",
    )),
    Topic("rude_field", "service_attitude", "products", "service_order", ("home_broadband",), "broadband", 0.6,
          0.35, 0.40, (
        "[装机|维修]师傅[要烟|要红包|乱要钱]", "师傅[上门|进门]就[骂|发火]", "师傅[放鸽子|说来不来]还[凶|怪我]",
        "[安装|施工]的[乱|]踩[地板|]，[不道歉|说两句就走]",
    )),
    Topic("complaint_unsolved", "service_skill", "care", "enquiry_service", (), "other", 0.8, 0.55, 0.03, (
        "[反映|投诉]的[事|问题][推来推去|没人管]", "[承诺|说好]{久}[回|处理]，[没|一直没][回音|下文]",
        "[回|答]复[敷衍|不着边际]", "[踢皮球|互相推]，[哪个部门|谁]都说不归[他|自己]管", "[没|未]解决就[结|关]单",
        "[每次|换个人][讲|说]法[都|]不[同|一样]",
    ), True),
    Topic("unskilled", "service_skill", "hotline", "enquiry_service", (), "other", 1.3, 0.45, 0.02, (
        "{客}[业务不熟|一问三不知]", "{客}[解释|讲]半天[讲不清|没明白]", "{客}[报错|告诉错]资费",
        "{客}让我[查|等]，[查|等]{久}说不[知道|会]", "{客}[答非所问|照稿子念]", "问[三|两]个人[三|两]种[答案|说法]",
    )),
    Topic("wrong_handling", "service_skill", "hall", "plan_order", (), "other", 1.2, 0.60, 0.04, (
        "{客}[把|给][业务|套餐]办错[了|]", "{客}[输|录]错号码", "[要|说]办A[给|]办成B",
        "{客}[漏|忘]了[办|收资料]，[害我|]跑{次}", "{客}[操作|弄]不来，[弄|搞]{久}",
        "少[给|找]了[我|]{元}，[说|讲]没这回事", "[没|不]告诉[要带|]什么[证件|材料]",
    )),
    Topic("waited_in_hall", "service_waiting", "hall", "enquiry_service", (), "other", 1.1, 0.35, 0.02, (
        "[排|等]了{久}[才|还没]轮到", "[十|八]个窗口[只开|就开]两个", "取[了|]号{久}没[人叫|叫到]",
        "人[{蛮}|]多[队伍|]排到门[口|外]", "[插队|跳号][没人管|]", "{时}去[到|]{时}[还没办|才好]",
    ), True),
    Topic("left_hall_unserved", "service_waiting", "hall", "enquiry_service", (), "other", 0.5, 0.35, 0.02, (
        "[等不及|等到下班][走|白跑一趟]", "[叫号机|取号机][坏|没号]了，[白跑|回去]",
        "[过号|错过]要重[排|新取]，[走|算]了", "[中午|下班前]{厅}[不收|没人]，[白|空]跑{次}",
    ), True),
    Topic("waited_on_line", "service_waiting", "hotline", "enquiry_service", (), "other", 0.8, 0.30, 0.01, (
        "[音乐|彩铃]听了{久}没人接", "[人工|座席][一直|]忙，[等|挂]了{次}", "打[10086|热线]{久}[接不进|没转到人]",
        "[转|排]到第[20|36]位", "[说|叫]我稍后[再拨|]，[拨|打]{次}[都|]一样",
    ), True),
    Topic("gave_up_calling", "service_waiting", "hotline", "enquiry_service", (), "other", 0.6, 0.30, 0.01, (
        "[热线|客服电话]打[一上午|{久}]打不进", "[实在|]等不[下去|了]自己挂[了|的]",
        "[接|排]不上[人工|队]，[只好|]放弃", "[话费|时间]都[耗|花]在等人工上",
    ), True),
    Topic("lost_in_menu", "service_waiting", "hotline", "enquiry_service", (), "other", 0.6, 0.40, 0.01, (
        "[菜单|语音][绕|按]来[绕|按]去[找不到人工|]", "按[0|9]也[转不到|没]人工", "[自动|机器]语音[太长|啰嗦]",
        "[层层|一层层]按键[按错|]又从头[来|听]", "[原来|以前]按[1|2]就有的，[现在|]找不[着|到]了",
    ), True),
    Topic("kiosk_failed", "other", "hall", "recharge", (), "payment", 0.6, 0.50, 0.15, (
        "[自助机|缴费机][吞|吃]了{元}", "[自助|终端]机[没纸|死机|黑屏]", "机器[不吐|不出]凭条",
        "[机器|自助终端][不收|退]旧[钞|币]", "[厅里|门口]的机器[几|三]台[都|全]坏",
    ), True),
    Topic("base_station", "other", "network", "enquiry_service", (), "other", 0.7, 0.20, 0.15, (
        "[楼顶|屋边][基站|铁塔]怕辐射，[要求|]拆", "[电线杆|光缆|井盖]挡[路|着门]", "[施工|挖沟][没填|把墙弄坏]",
        "[机房|空调外机]噪音[吵|大]", "[占|租]我家[地|屋顶]的租金没[付|给]",
    )),
    Topic("lost_property", "other", "hall", "enquiry_service", (), "other", 0.6, 0.15, 0.20, (
        "[伞|钱包|身份证]落在{厅}", "[停车|电瓶车]在门口被[拖|刮]", "{厅}[地滑|玻璃门]摔[伤|破]",
        "[厕所|空调]不[开|能用]", "[合作|代理]店[欠|不退]押金",
    )),
    Topic("suggestion", "other", "care", "enquiry_service", (), "other", 0.8, 0.10, 0.10, (
        "[建议|希望][{地}|]多开[个|几家]{厅}", "[停|关]了[老|]业务[可惜|不好]", "[公益|捐款]号码[发|]不了",
        "[携号转网|带号]什么时候[能|可以]", "[求职|应聘][没|]回音", "[俱乐部|机场]休息室[取消|不让进]",
    )),
)  # fmt: skip

TOPICS: Final[tuple[Topic, ...]] = TOPICS_PLANS_AND_MONEY + _TOPICS_SERVICE
"""All topics."""
CODES: Final = tuple(topic.code for topic in TOPICS)

_SHARED: Final = {Felt.CREDIT_LATE: "not_credited", Felt.NOT_RESUMED: "resume_late"}
TOPIC_OF: Final[dict[Felt, int]] = {
    felt: CODES.index(_SHARED.get(felt, felt.name.lower()))
    for felt in Felt
    if _SHARED.get(felt, felt.name.lower()) in CODES
}
"""The topic of each experience that can become a complaint."""
